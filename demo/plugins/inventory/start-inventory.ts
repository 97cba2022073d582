/** Starts the stock keeper in a worker, where it has a bus of its own; ends with the page. */
export function startInventory(): Worker {
  return new Worker(new URL('./inventory.worker.ts', import.meta.url), { type: 'module', name: 'inventory' });
}
