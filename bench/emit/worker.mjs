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
/** A library that keeps handlers by name in an object is faster while the process has seen few names. */
const warmTypes = scenario.endsWith('two-types') ? 1 : 10;

/**
 * Emits through other instances with other handlers first, so that no call site is tuned to the one handler that is
 * measured: an application has many. All subscriptions live at once, also as in an application: V8 decides how many
 * fields an object has room for when the eighth of its class is made, by those of the first seven that still live.
 */
async function pollute() {
  const makers =
    adapter.gives === 'event'
      ? [...eventHandlers, answeringEventHandler, asyncEventHandler]
      : [...dataHandlers, answeringDataHandler, asyncDataHandler];
  const subscribed = makers.flatMap((make) => {
    const emitter = adapter.create();
    return Array.from({ length: 10 }, (_, i) => {
      const [type, handler] = [`warm.up${i % warmTypes}`, make()];
      return { emitter, type, handler, token: adapter.on(emitter, type, handler) };
    });
  });
  for (const { emitter, type } of subscribed) {
    for (let i = 0; i < 500; i++) {
      const outcome = emitter.emit(type, { n: i });
      if (i % 100 === 0) await outcome;
    }
  }
  for (const { emitter, type, handler, token } of subscribed) adapter.off(emitter, type, handler, token);
  if (handled() === 0) throw new Error(`${library} called no handler`);
}

await pollute();
const read = prepare(adapter, library);
for (const end = cpuMs() + WARM_UP_MS; cpuMs() < end; ) await read();

process.on('message', async () => {
  process.send?.(await read());
});
process.send?.('ready');
