import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A page that has the package at hand and nothing else; what it hears is in `heard`. */
const page = `<!doctype html><title>a node</title><script type="module">
import { createEventBus } from '/core/index.js';
import { messagePort, messagePorts } from '/core/transports/message-port.js';
const heard = [];
const start = (source, transport) => {
  const bus = createEventBus({ source, transports: [transport], onError: ({ error }) => heard.push(String(error)) });
  bus.on('**', ({ data }, { node }) => node !== bus.nodeId && heard.push(data));
  globalThis.bus = bus;
};
Object.assign(globalThis, { heard, start, messagePort, messagePorts });
</script>`;

/** A bus in a worker, shared or service worker: it hands on what it hears, and answers. */
const worker = `
import { createEventBus } from '/core/index.js';
import { messagePorts } from '/core/transports/message-port.js';
const hub = messagePorts({ relay: true });
const bus = createEventBus({ source: 'worker', transports: [hub] });
bus.on('question', ({ data }, delivery) => void delivery.emit('answer', 'to ' + data));
if ('clients' in self) {
  hub.add({ serviceWorker: self });
  self.oninstall = () => self.skipWaiting();
} else self.onconnect = ({ ports: [port] }) => hub.add({ port });
`;

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

async function bodyOf(path: string): Promise<string> {
  if (path === '/page.html') return page;
  if (path === '/worker.js') return worker;
  return readFile(dist + normalize(path), 'utf8');
}

/** Serves the built package, a page and a worker, as an origin each for `127.0.0.1` and `localhost`. */
export async function serveOrigins(): Promise<{ server: Server; here: string; elsewhere: string }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    try {
      const body = await bodyOf(pathname);
      // A sandboxed page has no origin that could be named.
      const headers = { 'content-type': types[extname(pathname)] ?? 'text/plain', 'access-control-allow-origin': '*' };
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return { server, here: `http://127.0.0.1:${port}`, elsewhere: `http://localhost:${port}` };
}
