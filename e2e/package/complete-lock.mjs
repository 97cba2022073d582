// Completes package-lock.json with the prebuilt packages of other platforms. A registry mirror that holds only
// this platform's makes npm leave the others out, and then `npm ci` fails everywhere. Run it after every change
// of a dependency: `npm run lock`.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{ version?: string, optionalDependencies?: Record<string, string> }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 * @typedef {{ path: string, name: string, version: string }} Missing
 */

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
/** Words of package names for what npm calls otherwise. */
const aliases = new Map([
  ['windows', 'win32'],
  ['64', 'x64'],
]);
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/**
 * The optional packages of an exact version that the lock file names but does not describe.
 * @param {LockFile} lock
 * @returns {Missing[]}
 */
export function missingPackages(lock) {
  const missing = new Map();
  for (const [owner, { optionalDependencies = {} }] of Object.entries(lock.packages))
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      if (lock.packages[path] || lock.packages[`${owner}/${path}`] || !/^\d/.test(version)) continue;
      missing.set(path, { path, name, version });
    }
  return [...missing.values()];
}

/**
 * What npm needs to know to skip the package elsewhere: the name of a prebuilt package ends in its platform.
 * @param {Missing} missing
 */
function stub({ name, version }) {
  const words = name.split(/[/-]/).map((word) => aliases.get(word) ?? word);
  const only = (/** @type {string[]} */ known) => words.filter((word) => known.includes(word));
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : /-gnu/.test(name) ? ['glibc'] : [];
  const cpu = only(processors);
  const os = only(systems);
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    dev: true,
    ...(os.includes('linux') && libc.length > 0 && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = new URL('../../package-lock.json', import.meta.url);
  /** @type {LockFile} */
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingPackages(lock);
  for (const each of missing) lock.packages[each.path] = stub(each);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} packages of other platforms added`);
}
