import { vi } from 'vitest';

// Nothing here is a stopwatch: without a graphics card, and beside other work, each picture takes its time.
const { waitFor } = vi;
vi.waitFor = (condition, options) => waitFor(condition, options ?? { timeout: 15_000 });
