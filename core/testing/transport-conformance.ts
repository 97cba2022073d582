import type { Transport } from '../index.js';
import type { ConformanceCase } from './conformance-case.js';
import { busCases } from './transport-conformance/buses.js';
import type { TransportCase } from './transport-conformance/case.js';
import { lifeCases } from './transport-conformance/life.js';
import { recordCases } from './transport-conformance/records.js';

/**
 * What every transport must do, as cases for any test runner; a case throws when the transport does not do it. A
 * transport may say that it is open before the other one is there, or only when that has answered.
 *
 * @param createPair makes two transports, not yet open, that reach each other and nobody else. Every case closes those
 *   it was given.
 * @example
 * const createPair = () => {
 *   const channel = crypto.randomUUID();
 *   return [broadcastChannel({ channel }), broadcastChannel({ channel })] as const;
 * };
 * for (const { name, run } of transportConformance(createPair)) it(name, run);
 */
export function transportConformance(
  createPair: () => readonly [Transport, Transport] | Promise<readonly [Transport, Transport]>,
): readonly ConformanceCase[] {
  const cases: readonly TransportCase[] = [...lifeCases, ...recordCases, ...busCases];
  return cases.map(({ name, run }) => ({
    name,
    run: async () => {
      const made: Transport[] = [];
      const pair = async (): Promise<readonly [Transport, Transport]> => {
        const transports = await createPair();
        made.push(...transports);
        return transports;
      };
      try {
        await run(pair);
      } finally {
        await Promise.all(made.map((transport) => transport.close()));
      }
    },
  }));
}
