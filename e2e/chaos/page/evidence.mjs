/** A list on disk. What was added is kept when the promise resolves; many at a time share a transaction. */
export class Evidence {
  #db;
  /** @type {{ entry: unknown, resolve: () => void }[]} */
  #waiting = [];
  #isWriting = false;

  /** @param {string} name */
  static open(name) {
    return new Promise((/** @type {(evidence: Evidence) => void} */ resolve, reject) => {
      const request = indexedDB.open(name);
      request.onupgradeneeded = () => request.result.createObjectStore('entries', { autoIncrement: true });
      request.onsuccess = () => resolve(new Evidence(request.result));
      request.onerror = () => reject(request.error);
    });
  }

  /** @param {IDBDatabase} db */
  constructor(db) {
    this.#db = db;
  }

  /** @param {unknown} entry @returns {Promise<void>} */
  add(entry) {
    return new Promise((resolve) => {
      this.#waiting.push({ entry, resolve });
      if (!this.#isWriting) this.#write();
    });
  }

  /** @returns {Promise<any[]>} */
  all() {
    return new Promise((resolve) => {
      const request = this.#db.transaction('entries').objectStore('entries').getAll();
      request.onsuccess = () => resolve(request.result);
    });
  }

  #write() {
    const batch = this.#waiting.splice(0);
    this.#isWriting = batch.length > 0;
    if (!this.#isWriting) return;
    const transaction = this.#db.transaction('entries', 'readwrite');
    const store = transaction.objectStore('entries');
    for (const { entry } of batch) store.add(entry);
    transaction.oncomplete = () => {
      for (const { resolve } of batch) resolve();
      this.#write();
    };
    // A page that freezes now holds nobody up.
    transaction.commit();
  }
}
