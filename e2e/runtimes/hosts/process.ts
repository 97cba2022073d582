import { runSuite } from '../run-suite.js';
import { suite } from '../suite.js';

// Node, Deno and Bun. The cases leave buses open, and the process has to end all the same.
console.log(JSON.stringify(await runSuite(suite, { IndexedDB: 'IndexedDB is for browsers' })));
