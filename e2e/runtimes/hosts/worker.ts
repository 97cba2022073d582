import { runSuite } from '../run-suite.js';
import { suite } from '../suite.js';

postMessage(await runSuite(suite));
