/**
 * Waits for a condition.
 * @param {string} what
 * @param {() => unknown} holds
 * @param {number} [withinMs]
 */
export async function until(what, holds, withinMs = 30_000) {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited ${withinMs / 1000} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
