import { describe, it, vi } from 'vitest';
import { transportConformance } from '../testing/transport-conformance.js';
import { messagePort } from './message-port.js';

vi.setConfig({ testTimeout: 30_000 });

describe('the two ends of a message channel', () => {
  const createPair = () => {
    const { port1, port2 } = new MessageChannel();
    return [messagePort({ port: port1 }), messagePort({ port: port2 })] as const;
  };
  for (const { name, run } of transportConformance(createPair)) it(name, run);
});
