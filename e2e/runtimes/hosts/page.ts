import type { Report } from '../case.js';
import { runSuite } from '../run-suite.js';
import { suite } from '../suite.js';

/** The suite in a page. */
export const report: Promise<Report> = runSuite(suite);

/** The suite in a worker of that page, whose module stands at `address`. */
export async function reportOfWorker(address: string): Promise<Report> {
  const worker = new Worker(address, { type: 'module' });
  try {
    return await new Promise<Report>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Report>): void => resolve(data);
      worker.onerror = ({ message }): void => reject(new Error(message));
    });
  } finally {
    worker.terminate();
  }
}
