/** What a module may not use while it is imported: timers, tasks, IO, randomness and clocks. */
const watched: readonly (readonly [owner: unknown, names: readonly string[]])[] = [
  [globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'Date']],
  [globalThis, ['fetch', 'BroadcastChannel', 'MessageChannel', 'Worker', 'SharedWorker', 'WebSocket', 'EventSource']],
  [globalThis, ['addEventListener', 'postMessage', 'XMLHttpRequest']],
  [Math, ['random']],
  [Date, ['now']],
  [globalThis.performance, ['now', 'mark', 'measure']],
  [globalThis.crypto, ['getRandomValues', 'randomUUID']],
  [crossing('indexedDB'), ['open', 'deleteDatabase', 'databases']],
  [crossing('localStorage'), ['getItem', 'setItem']],
  [crossing('navigator', 'locks'), ['request', 'query']],
  [globalThis.console, ['log', 'info', 'warn', 'error', 'debug']],
];

/** Runs `task`, and returns what it used of the runtime and which globals it left behind. */
export async function watchQuiet(task: () => unknown): Promise<readonly string[]> {
  const used: string[] = [];
  const restore = watched.flatMap(([owner, names]) =>
    names.flatMap((name) => trap(owner as Record<string, unknown>, name, () => used.push(name))),
  );
  const globals = new Set(Reflect.ownKeys(globalThis));
  try {
    await task();
  } finally {
    for (const undo of restore) undo();
  }
  const left = Reflect.ownKeys(globalThis).filter((key) => !globals.has(key));
  return [...used, ...left.map((key) => `the new global ${String(key)}`)];
}

/** Replaces a function by one that tells of each call; returns how to put it back. */
function trap(owner: Record<string, unknown> | undefined, name: string, tell: () => void): (() => void)[] {
  const original = owner?.[name];
  if (owner === undefined || typeof original !== 'function') return [];
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const value = new Proxy(original, {
    apply: (target, self, args) => {
      tell();
      return Reflect.apply(target, self, args);
    },
    construct: (target, args, newTarget) => {
      tell();
      return Reflect.construct(target, args, newTarget);
    },
  });
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return [
    () => {
      if (own === undefined) delete owner[name];
      else Object.defineProperty(owner, name, own);
    },
  ];
}

/** A global that may be missing, and may throw when it is looked at. */
function crossing(...path: readonly string[]): unknown {
  try {
    return path.reduce<unknown>((owner, name) => (owner as Record<string, unknown> | undefined)?.[name], globalThis);
  } catch {
    return undefined;
  }
}
