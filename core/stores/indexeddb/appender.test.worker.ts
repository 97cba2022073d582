import { record } from '../../testing/store-conformance/case.js';
import { indexedDbStore } from '../indexeddb.js';

/** Appends 300 events to the log that the worker is named after, one by one, and says where they went. */
async function appendAll(): Promise<readonly number[]> {
  const store = indexedDbStore({ name: self.name });
  const offsets: number[] = [];
  for (let n = 0; n < 300; n++) {
    for (const { offset } of await store.append([record('worker', { data: n })])) offsets.push(offset);
  }
  await store.close();
  return offsets;
}

void appendAll().then((offsets) => self.postMessage(offsets));
