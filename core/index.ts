/**
 * Crosstown: one typed event bus for an application that lives in many places.
 *
 * @module
 * @example
 * import { createEventBus } from 'crosstown';
 *
 * interface AppEvents { 'user.created': { userId: string } }
 * const bus = createEventBus<AppEvents>();
 * bus.on('user.*', (event) => console.log(event.type, event.data.userId));
 * await bus.emit('user.created', { userId: '1' });
 */

// History
export type { DurableStats } from './bus/border/consumers.js';
export type { StoredEvent } from './bus/border/history.js';
// Writing a store, a transport or a codec
export { findPayloadFault, locateCloneFault, type PayloadFault } from './bus/border/payload.js';
export { approximateBytes } from './bus/border/payload-size.js';
export type { RequestOptions } from './bus/calls/request.js';
export type { StreamOptions } from './bus/calls/stream.js';
export type { WaitOptions } from './bus/calls/wait.js';
export { type Clock, systemClock } from './bus/clock.js';
// The bus
export { createEventBus } from './bus/create-event-bus.js';
// Subscribing and emitting
export type { EmitOptions, EventCause, EventInit, ReplayMark } from './bus/dispatch/admit.js';
export type { DeadLetter, DeadLetters } from './bus/dispatch/dead-letter.js';
export type {
  BatchDelivery,
  Delivery,
  Emission,
  EmitResult,
} from './bus/dispatch/delivery.js';
export type { AdmissionFailure, BorderFailure, EventFailure, Failure, HandlerFailure } from './bus/dispatch/failure.js';
export type { Middleware, MiddlewareOptions, Next } from './bus/dispatch/middleware.js';
export type { QueueOptions } from './bus/dispatch/queue-limits.js';
export type { SchemaResult, SchemaRule, StandardSchema } from './bus/dispatch/schema.js';
// Errors
export {
  BusClosedError,
  CodecError,
  CrosstownError,
  DeadLetterError,
  DepthLimitError,
  EventsTrimmedError,
  HandlerTimeoutError,
  IdleTimeoutError,
  InvalidEventTypeError,
  InvalidOptionError,
  InvalidPatternError,
  MiddlewareError,
  NoResponderError,
  PermissionError,
  PluginError,
  QueueFullError,
  RequestTimeoutError,
  ResponderError,
  SchemaError,
  type SchemaIssue,
  ScopeClosedError,
  SerializationError,
  StoreError,
  TransportError,
  UnsubscribedError,
  WaitTimeoutError,
} from './bus/errors.js';
// Events, and the types of maps and patterns
export type { BusEvent, EventChanges, EventRecord } from './bus/event/event.js';
export { compilePattern } from './bus/event/pattern.js';
export type {
  AnyEvents,
  DataOf,
  EventMap,
  EventOf,
  EventType,
  Pattern,
  Replies,
  ReplyOf,
} from './bus/event/pattern-types.js';
export type {
  BatchHandler,
  BusOptions,
  BusStats,
  EventBus,
  EventHandler,
  EventScope,
  Scope,
  ScopeOptions,
} from './bus/event-bus.js';
// Watching
export type { DropReason, HandlerInfo, InspectedEvent, Inspection, NodeInfo, Observer } from './bus/inspection.js';
// Plugins and what they may do
export {
  type AnyPlugin,
  definePlugin,
  type InstalledPlugin,
  type InstallOptions,
  type LifecycleEvents,
  type Permissions,
  type Plugin,
  type PluginInfo,
  type PluginScope,
  type ScopeAction,
  type UninstallOptions,
} from './bus/plugins/plugin.js';
export type { Policy, Protection, Verdict } from './bus/plugins/policy.js';
export type {
  Codec,
  Cursor,
  CursorStore,
  DeadLetterRecord,
  DeadLetterStore,
  Durability,
  EventStore,
  HistoryQuery,
  Locks,
  StoreCaps,
  StoredRecord,
  StoredRef,
  StoredRetry,
  Transport,
  TransportCaps,
  TransportHost,
  TransportState,
} from './bus/ports.js';
export type { PatternUse, SubscriptionSite } from './bus/router/registry-report.js';
export type {
  BatchOnOptions,
  BatchOptions,
  OnOptions,
  Overflow,
  RetryOptions,
  StartPosition,
  Subscription,
} from './bus/router/subscription.js';
export type { HandlerTiming } from './bus/timing.js';
