// Opens a page in the browser of an engine, on a new profile, and takes everything away again.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf, screen } from './engine.mjs';

/** @typedef {import('./engine.mjs').Engine} Engine */
/** @typedef {{ said: () => string, ended: Promise<unknown>, stop: () => Promise<void> }} Program */

/**
 * What the engine's browser says its version is.
 * @param {Engine} engine
 * @returns {Promise<string>}
 */
export async function versionOf(engine) {
  const { said, ended, stop } = await start(engine, () => ['--version']);
  await ended;
  await stop();
  return /\d+(\.\d+)+\w*/.exec(said())?.[0] ?? 'unknown';
}

/**
 * @param {Engine} engine
 * @param {string} url
 * @returns {Promise<Program>}
 */
export function open(engine, url) {
  return start(engine, (profile) => engine.words(profile, url));
}

/**
 * @param {Engine} engine
 * @param {(profile: string) => string[]} words
 * @returns {Promise<Program>}
 */
async function start(engine, words) {
  const profile = mkdtempSync(join(tmpdir(), `crosstown-${engine.name.toLowerCase()}-`));
  const display = engine.needsDisplay ? await openDisplay() : undefined;
  // Nothing of the user's: neither configuration nor caches, nor a session of the desktop.
  const env = { PATH: process.env['PATH'], HOME: profile, ...engine.env, ...display?.env };
  const program = run(pathOf(engine) ?? '', words(profile), env);
  const stop = async () => {
    await program.stop();
    await display?.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { ...program, stop };
}

/** A screen that nobody looks at, with the first number that is free. */
async function openDisplay() {
  const display = run(screen, ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], process.env);
  const number = await Promise.race([display.line, display.ended.then(() => undefined)]);
  if (number === undefined) throw new Error(`${screen} does not start. ${display.said()}`);
  return { env: { DISPLAY: `:${number}` }, stop: display.stop };
}

/**
 * A program with all the processes it starts.
 * @param {string} path
 * @param {string[]} words
 * @param {NodeJS.ProcessEnv} env
 */
function run(path, words, env) {
  const child = spawn(path, words, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  /** @type {Promise<string>} */
  const line = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        if (output.includes('\n')) resolve(output.split('\n')[0] ?? '');
      });
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.on('close', () => resolve());
    child.on('error', (error) => {
      output += error;
      resolve();
    });
  });
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of them have ended already.
    }
  };
  // They are in a group of their own, which no signal reaches that ends this process.
  const end = () => process.exit(1);
  process.once('exit', kill).once('SIGTERM', end);
  const stop = async () => {
    process.off('exit', kill).off('SIGTERM', end);
    kill();
    await ended;
  };
  return { said: () => output, line, ended, stop };
}
