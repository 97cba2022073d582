import { compilePattern, InvalidOptionError, type Permissions, type Transport } from '../index.js';
import { RestrictedTransport } from './restricted/transport.js';

/** Who is on the other side of a restricted transport, and what it may do. */
export interface RestrictedOptions {
  /**
   * The `source` its events must have. Where a whole bus is there, with plugins of its own, list the bus first and then
   * its plugins.
   */
  readonly source: string | readonly string[];
  /** Patterns of what it may `emit`, `request`, hear (`on`) and answer (`respond`); what is left out it may not at all. */
  readonly permissions: Omit<Permissions, 'use'>;
}

/**
 * A transport to one node that is not trusted, such as a plugin in a sandboxed frame or in a worker: whatever that node
 * sends, only what it may do comes through, and it is sent only what it may hear. It cannot speak as another node or
 * source, nor say bye for one: here its node is called by its own id, an `@` and its source.
 *
 * Give it a transport that leads to that node alone: what a hub hands on between its ports does not come by here. What is
 * refused counts as dropped, and is reported as a `PermissionError`, once a second at most.
 *
 * @throws InvalidOptionError, InvalidPatternError
 * @example
 * // <iframe sandbox="allow-scripts" src="/ads.html">: a page without an origin, which reaches nothing of this one.
 * const frame = document.querySelector('iframe');
 * const port = messagePort({ window: frame.contentWindow, origin: 'null' });
 * const ads = restricted(port, { source: 'ads', permissions: { emit: 'ad.*', on: 'page.shown' } });
 * const bus = createEventBus({ transports: [ads] });
 */
export function restricted(transport: Transport, { source, permissions }: RestrictedOptions): Transport {
  const sources: readonly unknown[] = typeof source === 'string' ? [source] : [...(source ?? [])];
  if (sources.length === 0 || sources.some((one) => typeof one !== 'string' || one === '' || one.length > 128)) {
    throw new InvalidOptionError('source', source, 'a text of 1 to 128 characters, or a list of them');
  }
  if (typeof permissions !== 'object' || permissions === null) {
    throw new InvalidOptionError('permissions', permissions, 'patterns, like { emit: "ad.*", on: "page.shown" }');
  }
  const { emit = [], on = [], request = [], respond = [] } = permissions;
  return new RestrictedTransport(transport, {
    sources: sources as readonly string[],
    emit: compilePattern(emit),
    on: compilePattern(on),
    request: compilePattern(request),
    respond: compilePattern(respond),
  });
}
