import { moduleScopeCases, type RequestContext, type Self, SharedBuses } from '../cases/workerd.js';
import { loadPackage } from '../package.js';
import { runSuite } from '../run-suite.js';
import { suite } from '../suite.js';

const lacks = {
  BroadcastChannel: 'workerd has no BroadcastChannel',
  IndexedDB: 'IndexedDB is for browsers',
  'ports over ports': 'workerd sends no port over another',
};

const atModuleScope = await runSuite([...suite, ...moduleScopeCases], {
  ...lacks,
  timers: 'workerd has no timers at module scope',
  randomness: 'workerd has no randomness at module scope',
  clock: 'the clock stands at 0 at module scope',
});
const buses = new SharedBuses(await loadPackage());

// biome-ignore lint/style/noDefaultExport: workerd calls the default export.
export default {
  async fetch(request: Request, env: { readonly SELF: Self }, context: RequestContext): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/module') return Response.json(atModuleScope);
    if (url.pathname !== '/request') return buses.answer(url, context);
    const cases = [...suite, ...buses.cases(env.SELF)];
    return Response.json(await runSuite(cases, lacks, 'the package was imported at module scope'));
  },
};
