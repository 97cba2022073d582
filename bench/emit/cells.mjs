import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../measure.mjs').Cell} Cell */

const worker = fileURLToPath(new URL('worker.mjs', import.meta.url));

/**
 * One thread for everything: compilers and collectors in the background depend on what else the machine does, and a
 * library that leaves work to them would pay nothing for it.
 */
const execArgv = ['--expose-gc', '--single-threaded'];

/**
 * One round: a fresh process for each cell, all warm before the first reading, then readings in turn.
 * @param {readonly Cell[]} cells
 * @param {number} readings
 * @returns {Promise<readonly (readonly number[])[]>} of each cell, its readings in order
 */
export async function measureRound(cells, readings) {
  /** @type {Process[]} */
  const processes = [];
  try {
    for (const cell of cells) processes.push(await Process.start(cell));
    const taken = cells.map(() => /** @type {number[]} */ ([]));
    for (let reading = 0; reading < readings; reading++) {
      for (let place = 0; place < cells.length; place++) {
        // Each cell goes first once: whoever follows a reading that left work behind pays for it in turn.
        const index = (place + reading) % cells.length;
        taken[index]?.push(await /** @type {Process} */ (processes[index]).read());
      }
    }
    return taken;
  } finally {
    for (const process of processes) process.stop();
  }
}

class Process {
  /** @param {Cell} cell */
  static async start({ library, scenario }) {
    const child = fork(worker, [library, scenario], { execArgv });
    const process = new Process(child, `${library} in ${scenario}`);
    await process.#answer();
    return process;
  }

  /** @param {import('node:child_process').ChildProcess} child @param {string} name */
  constructor(child, name) {
    this.child = child;
    this.name = name;
  }

  /** @returns {Promise<number>} */
  async read() {
    const answer = this.#answer();
    this.child.send('read');
    return Number(await answer);
  }

  stop() {
    this.child.kill();
  }

  #answer() {
    return new Promise((resolve, reject) => {
      /** @param {number | null} code */
      const fail = (code) => reject(new Error(`${this.name} ended with code ${code}`));
      this.child.once('exit', fail);
      this.child.once('message', (message) => {
        this.child.off('exit', fail);
        resolve(message);
      });
    });
  }
}
