import { describe, expect, it } from 'vitest';
import { readEntries } from './entries.js';
import { runProgram } from './process.js';

/** Imports a module and prints what the import did to the process; must end by itself. */
const program = `
const used = [];
const watch = (owner, names) => {
  for (const name of names) {
    const original = owner[name];
    if (typeof original === 'function')
      owner[name] = new Proxy(original, {
        apply: (...call) => (used.push(name), Reflect.apply(...call)),
        construct: (...call) => (used.push(name), Reflect.construct(...call)),
      });
  }
};
const specifier = process.argv[1];
if (process.argv[2] === 'strict') {
  watch(globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'BroadcastChannel', 'MessageChannel']);
  watch(Math, ['random']);
  watch(Date, ['now']);
  watch(performance, ['now']);
  watch(Crypto.prototype, ['getRandomValues', 'randomUUID']);
}
const resources = process.getActiveResourcesInfo();
const globals = new Set(Reflect.ownKeys(globalThis));
const { length } = Object.keys(await import(specifier));
console.log(JSON.stringify({
  exports: length > 0,
  used,
  resources: process.getActiveResourcesInfo().filter((name) => !resources.includes(name) && !/^(FSReq|CloseReq)/.test(name)),
  globals: Reflect.ownKeys(globalThis).filter((key) => !globals.has(key)).map(String),
}));
`;

const importIn = (specifier: string, mode: 'strict' | 'loose') =>
  runProgram(process.execPath, ['--input-type=module', '-e', program, specifier, mode], { timeoutMs: 10_000 });

const isDevtools = (specifier: string): boolean => specifier.startsWith('crosstown/devtools');
const quiet = JSON.stringify({ exports: true, used: [], resources: [], globals: [] });

describe('importing an entry in Node', () => {
  const entries = readEntries();

  it.each(entries.filter(({ specifier }) => !isDevtools(specifier)))(
    '$specifier starts nothing, asks no clock and no chance, and lets the process end',
    async ({ specifier }) => {
      expect(await importIn(specifier, 'strict')).toEqual({ code: 0, output: `${quiet}\n` });
    },
  );

  it.each(entries.filter(({ specifier }) => isDevtools(specifier)))(
    '$specifier needs no page to be loaded, and lets the process end',
    async ({ specifier }) => {
      expect(await importIn(specifier, 'loose')).toEqual({ code: 0, output: `${quiet}\n` });
    },
  );
});
