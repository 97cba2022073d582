// One library in one scenario, in a process of its own: takes a reading each time it is asked to.
import { loadAdapter } from './adapters.mjs';
import { cpuMs } from './clock.mjs';
import {
  answeringDataHandler,
  answeringEventHandler,
  asyncDataHandler,
  asyncEventHandler,
  dataHandlers,
  eventHandlers,
  handled,
} from './handlers.mjs';
import { scenarios } from './scenarios.mjs';

const WARM_UP_MS = 250;

const [, , library = '', scenario = ''] = process.argv;
const adapter = await loadAdapter(library);
const prepare = scenarios[scenario];
if (prepare === undefined) throw new Error(`No scenario ${scenario}`);

/**
 * Emits through other instances with other handlers first, so that no call site is tuned to the one handler that is
 * measured: an application has many.
 */
async function pollute() {
  const makers =
    adapter.gives === 'event'
      ? [...eventHandlers, answeringEventHandler, asyncEventHandler]
      : [...dataHandlers, answeringDataHandler, asyncDataHandler];
  for (const make of makers) {
    const emitter = adapter.create();
    const handler = make();
    const token = adapter.on(emitter, 'warm.up', handler);
    for (let i = 0; i < 2000; i++) {
      const outcome = emitter.emit('warm.up', { n: i + 1 });
      if (i % 100 === 0) await outcome;
    }
    adapter.off(emitter, 'warm.up', handler, token);
  }
  if (handled() === 0) throw new Error(`${library} called no handler`);
}

await pollute();
const read = prepare(adapter);
for (const end = cpuMs() + WARM_UP_MS; cpuMs() < end; ) await read();

process.on('message', async () => {
  process.send?.(await read());
});
process.send?.('ready');
