import { spawn } from 'node:child_process';
import { binaryOf, manifestOf } from './binary.mjs';

/** @typedef {import('../case.js').Report} Report */
/** @typedef {{ command: string, args: string[], version: string }} Program */

/** What starts a module in each runtime that is a program: without permissions in Deno, without installing in Bun. */
const programs = {
  Node: () => ({ command: process.execPath, args: [], version: process.versions.node }),
  Deno: () => ({
    command: binaryOf('deno'),
    args: ['run', '--no-prompt', '--no-remote', '--quiet'],
    ...versionOf('deno'),
  }),
  Bun: () => ({ command: binaryOf('bun'), args: ['run', '--no-install'], ...versionOf('bun') }),
};

/** How long a process may take that has nothing to wait for. */
const endMs = 20_000;

/**
 * Runs the suite in a process, and looks whether a process with a bus in it ends by itself.
 * @param {keyof typeof programs} name
 * @param {string} folder
 * @returns {Promise<{ runtime: string, version: string, report: Report }>}
 */
export async function runInProcess(name, folder) {
  const program = programs[name]();
  const said = await run(program, 'named/process.js', folder, 120_000);
  /** @type {Report} */
  const report = JSON.parse(said.trimEnd().split('\n').at(-1) ?? '');
  const ending = 'a bus with a store, a channel, handlers and a timeout under way keeps no process alive';
  try {
    const end = await run(program, 'named/ending.js', folder, endMs);
    if (end !== 'the end\n') throw new Error(`it said ${JSON.stringify(end)}`);
    return { runtime: name, version: program.version, report: { ...report, passed: [...report.passed, ending] } };
  } catch (error) {
    const failed = [...report.failed, { name: ending, error: String(error) }];
    return { runtime: name, version: program.version, report: { ...report, failed } };
  }
}

/**
 * What a module writes. Fails when it ends badly, writes complaints, or does not end in time.
 * @param {Program} program
 * @param {string} module
 * @param {string} cwd
 * @param {number} limitMs
 * @returns {Promise<string>}
 */
function run({ command, args }, module, cwd, limitMs) {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: cwd, DENO_DIR: `${cwd}/.deno`, DENO_NO_UPDATE_CHECK: '1' };
    const child = spawn(command, [...args, module], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    let output = '';
    let complaints = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && complaints === '') resolve(output);
      else if (signal !== null) reject(new Error(`${module} had not ended after ${limitMs} ms. ${complaints}`));
      else reject(new Error(`${module} ended with ${code}. ${output}${complaints}`));
    });
  });
}

/** @param {'deno' | 'bun'} name */
function versionOf(name) {
  return { version: manifestOf(name).version };
}
