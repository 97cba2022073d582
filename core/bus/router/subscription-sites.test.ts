import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventBus, type EventBus, type PatternUse } from '../../index.js';
import { callSite } from './subscription-sites.js';

/** Where the caller stands, as the engine says. */
function line(): string {
  return /:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1] ?? '';
}

const sites = (uses: readonly PatternUse[]): string[] =>
  uses.flatMap(({ pattern, sites: all }) =>
    all.map(({ at, count }) => `${pattern} ${count} ${/([\w.-]+):(\d+):\d+\)?$/.exec(at)?.slice(1).join(':')}`),
  );

describe('a bus with traceSubscriptions', () => {
  const here = 'subscription-sites.test.ts';

  it('I5 says where its subscriptions were made, most first', () => {
    const bus = createEventBus({ traceSubscriptions: true });
    const first = line();
    bus.on('a', () => {});
    for (let n = 0; n < 2; n++) bus.on('a', () => {});
    expect(sites(bus.subscriptions())).toEqual([`a 2 ${here}:${+first + 2}`, `a 1 ${here}:${+first + 1}`]);
  });

  it.each<[string, (bus: EventBus) => readonly [unknown, string]]>([
    ['on', (bus) => [bus.on('a', () => {}), line()]],
    ['once', (bus) => [bus.once('a', () => {}), line()]],
    ['waitFor', (bus) => [bus.waitFor('a').catch(() => {}), line()]],
    ['stream', (bus) => [bus.stream('a'), line()]],
    ['respond', (bus) => [bus.respond('a', () => 1), line()]],
  ])('I5 names the line that called %s, not one of the bus', (_, subscribe) => {
    const bus = createEventBus({ traceSubscriptions: true });
    const [, at] = subscribe(bus);
    expect(sites(bus.subscriptions())).toEqual([`a 1 ${here}:${at}`]);
  });

  it('I5 names the caller of a method that was taken from the bus', () => {
    const { on, subscriptions } = ((bus) => ({ on: bus.on, subscriptions: () => bus.subscriptions() }))(
      createEventBus({ traceSubscriptions: true }),
    );
    const before = line();
    on('a', () => {});
    expect(sites(subscriptions())).toEqual([`a 1 ${here}:${+before + 1}`]);
  });

  it('I5 names the observer for what an observer subscribes', () => {
    const bus = createEventBus({ traceSubscriptions: true });
    const before = line();
    const stop = bus.inspect(({ kind }) => {
      if (kind === 'subscribed') stop();
      if (kind === 'subscribed') bus.on('from.observer', () => {});
    });
    bus.on('own', () => {});
    expect(sites(bus.subscriptions()).toSorted()).toEqual([
      `from.observer 1 ${here}:${+before + 3}`,
      `own 1 ${here}:${+before + 5}`,
    ]);
  });

  it('I5 names the right line after a call that threw', () => {
    const bus = createEventBus({ traceSubscriptions: true });
    expect(() => bus.on('a b', () => {})).toThrow();
    const before = line();
    bus.on('a', () => {});
    expect(sites(bus.subscriptions())).toEqual([`a 1 ${here}:${+before + 1}`]);
  });

  it('I5 names the line of a program that a bundler minified into one file with the bus', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosstown-sites-'));
    try {
      const program = join(folder, 'program.js');
      const core = fileURLToPath(new URL('../../index.ts', import.meta.url));
      // A call that a minifier cannot inline, on a line of its own.
      await writeFile(
        program,
        `import { createEventBus } from ${JSON.stringify(core)};
export const bus = createEventBus({ traceSubscriptions: true });
globalThis.crosstownSite = function subscribesHere() { return [bus.once('a', () => {}), new Error().stack]; };
export const own = globalThis.crosstownSite()[1];
delete globalThis.crosstownSite;`,
      );
      await build({
        configFile: false,
        logLevel: 'silent',
        build: {
          outDir: join(folder, 'out'),
          lib: { entry: program, formats: ['es'], fileName: 'program' },
          minify: true,
          target: 'es2022',
        },
      });
      const { bus, own } = (await import(pathToFileURL(join(folder, 'out', 'program.js')).href)) as {
        bus: EventBus;
        own: string;
      };
      const at = bus.subscriptions()[0]?.sites[0]?.at ?? '';
      const place = (frame = ''): string | undefined => /(\w+\.js:\d+):\d+\)?$/.exec(frame)?.[1];
      const called = own.split('\n')[1]?.trim().replace(/^at /, '');
      expect(place(at)).toBeDefined();
      expect(place(at)).toBe(place(called));
      // The same function, at another column of it.
      expect(at.split(' (')[0]).toBe(called?.split(' (')[0]);
      expect(at).not.toBe(called);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the caller of a function', () => {
  const whole = { captureStackTrace: Error.captureStackTrace, prepareStackTrace: Error.prepareStackTrace };
  afterEach(() => {
    Object.assign(Error, whole);
  });

  const called = (): string | undefined => callSite(called);
  const caller = (): string | undefined => {
    const site = called();
    return site;
  };

  it('I5 is found by the engine', () => {
    expect(caller()).toMatch(/^caller \(.*subscription-sites\.test\.ts:\d+:\d+\)$/);
  });

  it('I5 is found where engines have no captureStackTrace', () => {
    Object.assign(Error, { captureStackTrace: undefined });
    expect(caller()).toMatch(/^caller \(.*subscription-sites\.test\.ts:\d+:\d+\)$/);
  });

  /** What the engine is to say the stack is. */
  function stackIs(stack: unknown): void {
    Object.assign(Error, { captureStackTrace: (holder: { stack?: unknown }) => Object.assign(holder, { stack }) });
  }

  it.each([
    [
      'V8',
      'Error\n    at user (http://x/app.js:10:5)\n    at main (http://x/app.js:1:1)',
      'user (http://x/app.js:10:5)',
    ],
    ['V8, at the top', 'Error\n    at file:///app.js:10:5', 'file:///app.js:10:5'],
    [
      'V8, called by what is native',
      'Error\n    at Array.forEach (<anonymous>)\n    at user (app.js:1:2)',
      'user (app.js:1:2)',
    ],
    ['SpiderMonkey', 'user@http://x/app.js:10:5\n@http://x/app.js:1:1\n', 'user@http://x/app.js:10:5'],
    ['SpiderMonkey, without a name', '@http://x/app.js:10:5\n', '@http://x/app.js:10:5'],
    ['JavaScriptCore', 'forEach@[native code]\nuser@http://x/app.js:10:5', 'user@http://x/app.js:10:5'],
    ['JavaScriptCore, without a name', 'http://x/app.js:10:5\nglobal code@http://x/app.js:1:1', 'http://x/app.js:10:5'],
  ])('I5 is read from a stack as %s writes it', (_, stack, site) => {
    stackIs(stack);
    expect(callSite(() => {})).toBe(site);
  });

  it.each([
    ['no frames', 'Error'],
    ['no stack', undefined],
    ['a stack that the program made its own', [{ line: 1 }]],
  ])('I5 is unknown where there is %s', (_, stack) => {
    stackIs(stack);
    expect(callSite(() => {})).toBeUndefined();
  });
});
