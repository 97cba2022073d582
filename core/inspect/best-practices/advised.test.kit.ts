import type { BusOptions } from '../../index.js';
import { createTestEventBus, type TestEventBus } from '../../testing/index.js';
import { type Advice, type BestPracticesOptions, bestPractices } from '../best-practices.js';

/** A test bus that is looked at, and what was said of it. */
export function advised(options: BestPracticesOptions & { readonly bus?: Omit<BusOptions, 'clock'> } = {}): {
  readonly bus: TestEventBus;
  readonly advice: Advice[];
  /** `rule type` of each, in order. */
  said(): string[];
} {
  const { bus: busOptions, ...rest } = options;
  const bus = createTestEventBus(busOptions);
  const advice: Advice[] = [];
  bus.inspect(bestPractices({ report: (each) => advice.push(each), ...rest }));
  return { bus, advice, said: () => advice.map(({ rule, type }) => `${rule} ${type}`) };
}
