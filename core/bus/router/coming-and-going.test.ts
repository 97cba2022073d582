import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createEventBus, InvalidOptionError, type OnOptions } from '../../index.js';
import { deferred } from '../deferred.test.kit.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** A bus, and what its handlers heard as `pattern type`. */
function listening(...patterns: (string | string[])[]) {
  const bus = createEventBus();
  const heard: string[] = [];
  const offs = patterns.map((pattern) => bus.on(pattern, (event) => heard.push(`${pattern} ${event.type}`)));
  return { bus, heard, offs };
}

describe('a wildcard that goes', () => {
  it.each([
    ['x.*', 'y.*', 'y.a'],
    ['x.*', 'x.**', 'x.a'],
    ['x.**', 'x.*', 'x.a'],
    ['x.*.a', 'x.*.b', 'x.1.b'],
    ['x.*.a', 'x.*', 'x.1'],
    ['x.**.a', 'x.**.b', 'x.b'],
    ['x.y.*', 'x.z.*', 'x.z.a'],
    ['x.y.*', 'x.*', 'x.y'],
    ['x.y.*.z', 'x.y.*', 'x.y.a'],
    ['*.a', '*.b', '1.b'],
    ['**.a', '**.b', 'b'],
  ])('D6 leaves those that share segments with it alone: %s beside %s', (going, staying, type) => {
    const { bus, heard, offs } = listening(going, staying);
    offs[0]?.();
    bus.emit(type);
    expect(heard).toEqual([`${staying} ${type}`]);
  });

  it.each([
    ['first', (n: number) => `x${n}.*`],
    ['after *', (n: number) => `*.x${n}`],
    ['after **', (n: number) => `**.x${n}`],
    ['before **', (n: number) => `x${n}.**`],
    ['between', (n: number) => `a.x${n}.*.b.**.c`],
  ])('leaves nothing behind, where its own segment stands %s', (_, pattern) => {
    const bus = createEventBus();
    const comeAndGo = (from: number): void => {
      for (let n = from; n < from + 20_000; n++) bus.on(pattern(n), () => {})();
    };
    const used = (): number => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    comeAndGo(0);
    const before = used();
    comeAndGo(20_000);
    // Branches that stay take some 4 MB; the rest is what else goes on in the process.
    expect(used() - before).toBeLessThan(1_500_000);
  });
});

describe('a handler that comes while its type is handled', () => {
  it('D6 takes nobody else from the list, exact or not', () => {
    const { bus, heard } = listening('a', '*', 'a');
    bus.once('a', () => {
      bus.on('a', () => heard.push('late'), { priority: 1 });
    });
    bus.emit('a');
    heard.length = 0;
    bus.emit('a');
    expect(heard).toEqual(['late', 'a a', '* a', 'a a']);
  });
});

describe('a type with a $ in it', () => {
  it('E6 belongs to anybody where it does not begin with it', () => {
    const { bus, heard } = listening('*', '**.$');
    bus.emit('price.$');
    bus.emit('us$');
    expect(heard).toEqual(['* price.$', '**.$ price.$', '* us$']);
  });
});

describe('a subscription', () => {
  it.each([null, 5, {}])('D10 refuses a signal that is none: %j', (signal) => {
    const subscribe = (): unknown => createEventBus().on('a', () => {}, { signal } as unknown as OnOptions);
    expect(subscribe).toThrow(InvalidOptionError);
    expect(subscribe).toThrow('an AbortSignal');
  });

  it('drains whatever its options are', async () => {
    const bus = createEventBus();
    const gate = deferred();
    const off = bus.on('a', () => gate.promise, { priority: 1 });
    bus.emit('a');
    const drained = off.drain();
    gate.resolve();
    await expect(drained).resolves.toBeUndefined();
  });

  it.each([
    ['a list of patterns', () => {}, 'a b'],
    ['a list where its name is no text', Object.defineProperty(() => {}, 'name', { value: 5 }), 'a b'],
    [
      'a list where its name cannot be read',
      new Proxy(() => {}, {
        get: () => {
          throw new Error('no');
        },
      }),
      'a b',
    ],
    ['itself', function mailer() {}, 'mailer'],
  ])('D9 is named after %s', async (_, handler, name) => {
    const bus = createEventBus();
    const names: string[] = [];
    bus.inspect((inspection) => {
      if (inspection.kind === 'handlerStarted') names.push(inspection.handler.name);
    });
    bus.on(['a', 'b'], handler);
    await bus.emit('a');
    expect(names).toEqual([name]);
  });
});
