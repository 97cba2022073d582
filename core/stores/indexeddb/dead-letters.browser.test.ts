import { expect, it } from 'vitest';
import { newName, newStore } from './database.test.kit.js';

it('S3 F3 keeps the dead letter of what fails while a page is left', async () => {
  const name = newName();
  const letters = newStore(name).deadLetters;
  const [bus, store] = ['../../index.ts', '../indexeddb.ts'].map((path) => new URL(path, import.meta.url).href);
  const frame = document.createElement('iframe');
  frame.srcdoc = `<script type="module">
    import { createEventBus } from ${JSON.stringify(bus)};
    import { indexedDbStore } from ${JSON.stringify(store)};
    const bus = createEventBus({ store: indexedDbStore({ name: ${JSON.stringify(name)} }), onError: () => {} });
    await bus.emit('page.opened').persisted;
    bus.on('page.left', () => { throw new Error('no'); }, { name: 'goodbye' });
    addEventListener('pagehide', () => bus.emit('page.left'));
    parent.postMessage('ready');
  </script>`;
  const ready = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
  document.body.append(frame);
  await ready;
  const gone = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  frame.src = 'about:blank';
  frame.removeAttribute('srcdoc');
  await gone;
  frame.remove();
  await expect.poll(() => letters?.list(), { timeout: 5000 }).toMatchObject([{ handler: { name: 'goodbye' } }]);
});
