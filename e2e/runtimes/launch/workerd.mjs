import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { binaryOf, manifestOf } from './binary.mjs';

/** @typedef {import('../case.js').Report} Report */

/** The oldest behaviour of the runtime that the package is for, and the newest this release of it knows. */
const oldest = '2025-01-01';

/**
 * Runs the suite at module scope and in a request, with the oldest and the newest compatibility date.
 * @param {string} folder
 * @returns {Promise<{ runtime: string, version: string, report: Report }[]>}
 */
export async function runInWorkerd(folder) {
  const { version } = manifestOf('workerd');
  const [, year, month, day] = /^1\.(\d{4})(\d\d)(\d\d)\./.exec(version) ?? [];
  const results = [];
  for (const date of [`${year}-${month}-${day}`, oldest]) {
    const reports = await serve(folder, date, async (address) => {
      /** @param {string} path @returns {Promise<Report>} */
      const reportOf = async (path) =>
        (await fetch(`${address}${path}`, { signal: AbortSignal.timeout(120_000) })).json();
      return { 'module scope': await reportOf('/module'), request: await reportOf('/request') };
    });
    for (const [place, report] of Object.entries(reports)) {
      results.push({ runtime: `workerd of ${date}, ${place}`, version, report });
    }
  }
  return results;
}

/**
 * @template T
 * @param {string} folder
 * @param {string} date
 * @param {(address: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function serve(folder, date, use) {
  const file = join(folder, `workerd-${date}.capnp`);
  writeFileSync(file, config(folder, date));
  const args = ['serve', file, '--control-fd=1'];
  const server = spawn(binaryOf('workerd'), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  server.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = new Promise((resolve) => server.on('close', resolve));
  try {
    for await (const line of createInterface(server.stdout)) {
      const said = JSON.parse(line);
      if (said.event !== 'listen') continue;
      const result = await use(`http://127.0.0.1:${said.port}`);
      if (complaints !== '') throw new Error('It complained.');
      return result;
    }
    throw new Error('It ended before it listened.');
  } catch (cause) {
    throw new Error(`workerd of ${date}: ${String(cause)} ${complaints}`);
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
}

/**
 * A worker of all the modules, which also reaches itself; workerd lets it into no network and no file.
 * @param {string} folder
 * @param {string} date
 */
function config(folder, date) {
  const main = 'pathed/workerd.js';
  const files = ['pathed', 'node_modules/crosstown/dist'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .map((file) => `${part}/${file}`),
  );
  // The first module is the worker.
  const modules = [main, ...files.filter((file) => file !== main)].map(
    (name) => `(name = "${name}", esModule = embed "${name}")`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "suite", worker = (
    compatibilityDate = "${date}",
    bindings = [(name = "SELF", service = "suite")],
    modules = [${modules.join(', ')}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);
`;
}
