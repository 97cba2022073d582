/** How many reactions in a row are waited for where the platform has no message channels. */
const LONGEST_CHAIN = 1_000;

/**
 * Resolves when every promise reaction that can run has run, and every reaction that those caused.
 *
 * A message arrives in a task of its own, which begins when no reaction is left. `setTimeout` and `setImmediate` would do
 * the same, but test runners replace them (`vi.useFakeTimers`, `jest.useFakeTimers`), even before this module is loaded;
 * none replaces message channels. The channel is closed each time, as an open one keeps a process alive.
 *
 * Jest's jsdom and older workerd have no channels: there, a chain of `LONGEST_CHAIN` reactions is let run beside others.
 */
export function reactions(): Promise<void> {
  return typeof MessageChannel === 'function' ? nextMessage() : chain();
}

function nextMessage(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

async function chain(): Promise<void> {
  for (let i = 0; i < LONGEST_CHAIN; i++) await undefined;
}
