import type { SchemaIssue, StandardSchema } from 'crosstown';
import type { AppEvents } from './events.js';

/**
 * What an order must be; an `emit` of anything else throws. A bus takes every Standard Schema, such as those of zod,
 * valibot and arktype; this one is written by hand, to have the demo need no package.
 */
export const orderPlaced: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'crosstown-demo',
    validate: (value) => {
      const { lines = [], totalCents = 0 } = (value ?? {}) as Partial<AppEvents['order.placed']>;
      const issues: SchemaIssue[] = [];
      if (lines.length === 0) issues.push({ message: 'an order has something in it', path: ['lines'] });
      for (const [at, { quantity }] of lines.entries()) {
        if (!(quantity > 0)) issues.push({ message: 'so many cannot be sent', path: ['lines', at, 'quantity'] });
      }
      if (!(totalCents > 0)) issues.push({ message: 'an order costs something', path: ['totalCents'] });
      return issues.length === 0 ? { value } : { issues };
    },
  },
};
