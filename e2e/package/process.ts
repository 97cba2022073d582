import { spawn } from 'node:child_process';
import { at } from './entries.js';

/** What a program did: how it ended and all it wrote. */
export interface Outcome {
  /** Exit code; `null` when it was killed for taking too long. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. Killed after `timeoutMs`, a minute unless told. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd = at(''), timeoutMs = 60_000 }: { cwd?: string; timeoutMs?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // NODE_ENV=test of the test runner is not what a user's program has.
    const { NODE_ENV: _, ...env } = process.env;
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Runs a tool of node_modules/.bin. */
export function runTool(name: string, args: readonly string[], cwd?: string): Promise<Outcome> {
  return runProgram(at(`node_modules/.bin/${name}`), args, cwd === undefined ? {} : { cwd });
}
