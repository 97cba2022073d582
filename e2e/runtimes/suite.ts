import type { RuntimeCase } from './case.js';
import { admissionCases } from './cases/admission.js';
import { callCases } from './cases/calls.js';
import { dispatchCases } from './cases/dispatch.js';
import { entryCases } from './cases/entries.js';
import { envelopeCases } from './cases/envelope.js';
import { failureCases } from './cases/failures.js';
import { inspectionCases } from './cases/inspection.js';
import { lifeCases } from './cases/life.js';
import { patternCases } from './cases/patterns.js';
import { queueCases } from './cases/queue.js';
import { quietCases } from './cases/quiet.js';
import { retryCases } from './cases/retries.js';
import { storeCases } from './cases/store.js';
import { transportCases } from './cases/transport.js';

/** What the built package must do wherever it runs. */
export const suite: readonly RuntimeCase[] = [
  ...quietCases,
  ...envelopeCases,
  ...patternCases,
  ...dispatchCases,
  ...queueCases,
  ...failureCases,
  ...retryCases,
  ...admissionCases,
  ...callCases,
  ...lifeCases,
  ...inspectionCases,
  ...storeCases,
  ...transportCases,
  ...entryCases,
];
