import type { StoredEvent } from '../border/history.js';
import type { CallHost } from '../calls/call-host.js';
import type { Requests } from '../calls/request.js';
import type { Dispatcher } from '../dispatch/dispatch.js';
import type { Failure } from '../dispatch/failure.js';
import type { Middleware, MiddlewareOptions } from '../dispatch/middleware.js';
import type { Subscriptions } from '../dispatch/subscriptions.js';
import { emitWhole } from '../dispatch/whole-event.js';
import { PluginError } from '../errors.js';
import { createOrigin } from '../event/event.js';
import type { HistoryQuery } from '../ports.js';
import type { Guard } from './guard.js';
import { BusScope, type ScopeHost } from './scope.js';

/** What scopes do their work with: the insides of their bus. */
export interface ScopesParts {
  readonly calls: CallHost;
  readonly dispatcher: Dispatcher;
  readonly subscriptions: Subscriptions;
  readonly requests: Requests;
  readonly report: (failure: Failure) => void;
  readonly createId: (() => string) | undefined;
  readonly use: (middleware: Middleware, options: MiddlewareOptions) => () => void;
  readonly history: (query: HistoryQuery) => AsyncIterableIterator<StoredEvent>;
}

/** Makes the scopes of one bus. */
export class Scopes {
  readonly #host: ScopeHost;
  readonly #createId: (() => string) | undefined;
  /** What they wanted to do and may not, so far. */
  denied = 0;

  constructor({ calls, dispatcher, subscriptions, requests, report, createId, use, history }: ScopesParts) {
    this.#createId = createId;
    this.#host = {
      calls,
      use,
      history,
      clock: calls.clock,
      nodeId: () => dispatcher.nodeId,
      emit: (...emit) => dispatcher.emit(...emit),
      emitWhole: (origin, event) => emitWhole(dispatcher, event, createId, origin),
      request: (...request) => requests.request(...request),
      subscribe: (...on) => subscriptions.add(...on),
      remove: subscriptions.remove,
      takeOver: (...owners) => subscriptions.takeOver(...owners),
      removeAll: (...which) => subscriptions.removeAll(...which),
      denied: (action, error) => {
        this.denied++;
        const { source, pattern } = error;
        dispatcher.inspector?.tell({ kind: 'denied', source, action, pattern, error });
      },
      failed: (plugin, cause) => {
        const error = new PluginError(plugin, 'failed in a timer or clean-up', 'Look at its cause', cause);
        report({ stage: 'plugin', error, event: undefined });
      },
    };
  }

  make(source: string, guard: Guard | undefined, isHeld: boolean): BusScope {
    return new BusScope(this.#host, createOrigin(source, this.#createId), guard, isHeld);
  }
}
