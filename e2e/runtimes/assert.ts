/** Fails with what was meant to be so. */
export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** Fails unless both are the same plain data. */
export function same(actual: unknown, expected: unknown, what = 'value'): void {
  const [is, should] = [show(actual), show(expected)];
  if (is !== should) throw new Error(`${what} is ${is}, not ${should}`);
}

/** What `run` throws; fails when it throws nothing. */
export function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return asError(error);
  }
  throw new Error(`nothing was thrown by ${run}`);
}

/** What a promise rejects with; fails when it does not. */
export async function rejected(promise: PromiseLike<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return asError(outcome.error);
  throw new Error(`resolved with ${show(outcome.value)}, and should have been rejected`);
}

/** Fails unless the error is the package's own of that name and code. */
export function isError(error: unknown, name: string, code: string): void {
  const { message, ...rest } = asError(error) as Error & { readonly code?: unknown };
  same({ name: (error as Error).name, code: rest.code }, { name, code }, `the error "${message}"`);
  ok(/^\[crosstown\] .+\. .+\.$/s.test(message), `"${message}" says a fact and a remedy`);
}

/** A promise and what fulfils it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits for something another task brings about. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited 5 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  throw new Error(`${show(error)} is not an Error`);
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => {
      if (each instanceof Map || each instanceof Set) return [...each];
      if (each === undefined || typeof each === 'bigint' || typeof each === 'number') return lossless(each);
      return each;
    }) ?? String(value)
  );
}

/** JSON has no undefined, no bigint, no NaN and no infinity. */
function lossless(value: bigint | number | undefined): unknown {
  return Number.isFinite(value) ? value : `<${String(value)}>`;
}
