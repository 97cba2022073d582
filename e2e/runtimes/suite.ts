import type { RuntimeCase } from './case.js';
import { dispatchCases } from './cases/dispatch.js';
import { envelopeCases } from './cases/envelope.js';
import { failureCases } from './cases/failures.js';
import { inspectionCases } from './cases/inspection.js';
import { lifeCases } from './cases/life.js';
import { patternCases } from './cases/patterns.js';
import { quietCases } from './cases/quiet.js';
import { storeCases } from './cases/store.js';
import { transportCases } from './cases/transport.js';

/** What the built package must do wherever it runs. */
export const suite: readonly RuntimeCase[] = [
  ...quietCases,
  ...envelopeCases,
  ...patternCases,
  ...dispatchCases,
  ...failureCases,
  ...lifeCases,
  ...inspectionCases,
  ...storeCases,
  ...transportCases,
];
