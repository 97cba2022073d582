import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { type BusOptions, createEventBus, type SchemaRule, type StandardSchema } from '../../index.js';

interface Events {
  'user.created': { name: string };
  'audit.login': { id: string };
}

describe('schemas', () => {
  it('G5 are those of zod, valibot and arktype, by type or pattern, alone or in a rule', () => {
    const schemas = {
      'user.created': z.object({ name: z.string() }),
      'audit.**': v.object({ id: v.string() }),
      '*.login': type({ id: 'string' }),
      price: { schema: z.string().transform(Number), version: 2, arrival: z.number() },
      coupon: { schema: v.string(), version: '2024-05', arrival: false as const },
      '**': { schema: type('unknown') },
    };
    expectTypeOf(schemas).toExtend<NonNullable<BusOptions['schemas']>>();
    createEventBus<Events>({ schemas });
    createEventBus({ schemas: { a: { schema: z.any(), arrival: false }, 'b.*': z.number() } });
  });

  it('G5 may be written by hand, with types for the compiler', () => {
    const schema: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'me',
        validate: (value) => ({ value }),
        types: { input: '', output: 0 },
      },
    };
    expectTypeOf({ schema, version: 1 }).toExtend<SchemaRule>();
  });

  it('G5 are nothing else', () => {
    // @ts-expect-error A version is a number or a text.
    createEventBus({ schemas: { a: { schema: z.any(), version: {} } } });
    // @ts-expect-error It is false or a schema.
    createEventBus({ schemas: { a: { schema: z.any(), arrival: true } } });
    // @ts-expect-error There is no schema.
    createEventBus({ schemas: { a: { version: 1 } } });
  });
});
