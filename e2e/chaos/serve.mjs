import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { normalize } from 'node:path';

const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const entries = Object.entries(exports).filter(([, to]) => typeof to === 'object');

/** The package by its names, as built: the page imports it as a user would. */
const imports = Object.fromEntries(
  entries.map(([name, to]) => [name.replace('.', 'crosstown'), to.default.replace('./dist', '/dist')]),
);
const html = `<!doctype html>
<title>chaos</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/page.mjs"></script>`;

/** @type {readonly [under: string, folder: URL][]} */
const folders = [
  ['/dist/', new URL('../../dist/', import.meta.url)],
  ['/', new URL('page/', import.meta.url)],
];

/** Serves the page, under any name, its scripts and `dist/`. */
export async function serve() {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    if (!/\.m?js$/.test(pathname)) return response.setHeader('content-type', 'text/html').end(html);
    const [under, folder] = folders.find(([under]) => pathname.startsWith(under)) ?? ['/', folders[0]?.[1]];
    const file = new URL(normalize(pathname.slice(under.length)), folder);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}/`, close };
}
