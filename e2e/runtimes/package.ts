/** Every entry of the package that needs no React. The driver compares the list with package.json. */
export const entries = {
  crosstown: () => import('crosstown'),
  'crosstown/stores/memory': () => import('crosstown/stores/memory'),
  'crosstown/stores/indexeddb': () => import('crosstown/stores/indexeddb'),
  'crosstown/transports/broadcast-channel': () => import('crosstown/transports/broadcast-channel'),
  'crosstown/transports/message-port': () => import('crosstown/transports/message-port'),
  'crosstown/transports/restricted': () => import('crosstown/transports/restricted'),
  'crosstown/middleware/rate-limit': () => import('crosstown/middleware/rate-limit'),
  'crosstown/middleware/logger': () => import('crosstown/middleware/logger'),
  'crosstown/inspect/best-practices': () => import('crosstown/inspect/best-practices'),
  'crosstown/codecs/aes-gcm': () => import('crosstown/codecs/aes-gcm'),
  'crosstown/flows/replay': () => import('crosstown/flows/replay'),
  'crosstown/flows/aggregate': () => import('crosstown/flows/aggregate'),
  'crosstown/flows/batch': () => import('crosstown/flows/batch'),
  'crosstown/flows/correlate': () => import('crosstown/flows/correlate'),
  'crosstown/flows/saga': () => import('crosstown/flows/saga'),
  'crosstown/decorators': () => import('crosstown/decorators'),
  'crosstown/testing': () => import('crosstown/testing'),
  'crosstown/devtools/agent': () => import('crosstown/devtools/agent'),
} as const;

/** The modules of the built package, by what users call them. */
export type Package = { readonly [Name in keyof typeof entries]: Awaited<ReturnType<(typeof entries)[Name]>> };

/** All of them. */
export async function loadPackage(): Promise<Package> {
  const modules = Object.entries(entries).map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(modules)) as Package;
}
