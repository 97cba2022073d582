import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} path relative to the top of the project */
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Builds the library when a source is newer than what was built. */
export function buildIfStale() {
  const built = at('dist/core/index.js');
  const sources = readdirSync(at('core'), { recursive: true, encoding: 'utf8' }).map((path) => at(`core/${path}`));
  const changed = [at('vite.config.ts'), at('package.json'), ...sources].map((path) => statSync(path).mtimeMs);
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...changed)) return;
  const { status } = spawnSync(
    process.execPath,
    [at('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'],
    { cwd: at(''), stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('The library does not build.');
}
