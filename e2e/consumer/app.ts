// A program as a user of the package would write it: type-checked and run against the packed tarball.
import { CrosstownError, createEventBus, type EventOf, type EventStore, type Transport } from 'crosstown';
import { aesGcm, keyring, open, type Sealed, seal } from 'crosstown/codecs/aes-gcm';
import { eventHandler, Plugin } from 'crosstown/decorators';
import { aggregate } from 'crosstown/flows/aggregate';
import { createBatcher } from 'crosstown/flows/batch';
import { chained, correlate } from 'crosstown/flows/correlate';
import { replay } from 'crosstown/flows/replay';
import { defineSaga, type SagaEvents } from 'crosstown/flows/saga';
import { type Advice, bestPractices } from 'crosstown/inspect/best-practices';
import { logger } from 'crosstown/middleware/logger';
import { rateLimit } from 'crosstown/middleware/rate-limit';
import { indexedDbStore } from 'crosstown/stores/indexeddb';
import { memoryStore } from 'crosstown/stores/memory';
import {
  type ConformanceCase,
  createTestEventBus,
  eventStoreConformance,
  transportConformance,
} from 'crosstown/testing';
import { broadcastChannel } from 'crosstown/transports/broadcast-channel';
import { messagePort, messagePorts } from 'crosstown/transports/message-port';
import { restricted } from 'crosstown/transports/restricted';

interface AppEvents {
  'user.created': { userId: string; username: string };
  'user.removed': { userId: string };
  ping: undefined;
}

const bus = createEventBus<AppEvents>({ store: memoryStore(), persist: '**' });

bus.on('user.*', (event) => {
  if (event.type === 'user.created') console.log(`welcome ${event.data.username}`);
  // @ts-expect-error a removed user has no name
  if (event.type === 'user.removed') console.log(event.data.username);
});

const emission = bus.emit('user.created', { userId: '1', username: 'ada' });
await emission.persisted;
const { status } = await emission;
if (status !== 'delivered') throw new Error(status);

// Only for the compiler: never called.
export function mistakes(): void {
  // @ts-expect-error the map has no such event
  bus.emit('user.renamed', { userId: '1' });
  // @ts-expect-error a user has a name
  bus.emit('user.created', { userId: '1' }, { local: true });
  // @ts-expect-error the map has no such event
  void replay(bus, { pattern: 'user.renamed' });
  // @ts-expect-error there is no such rule
  bestPractices({ rules: { 'vague-name': false } });
}

let stored = 0;
for await (const { event } of bus.history({ pattern: 'user.created', limit: 1 }))
  if (event.type === 'user.created') stored++;
console.log(`${stored} stored`);

// Once more, to one handler by its name.
bus.on('user.created', ({ metadata }) => console.log(`replayed ${metadata['replayed']}`), { name: 'analytics' });
const { replayed, delivered } = await replay(bus, { pattern: 'user.*', to: ['analytics'] });
console.log(`${replayed} replayed, ${delivered} delivered`);

// A saga of one step, which fails and is not taken back, as it was not done.
interface TripEvents extends SagaEvents<'trip'> {
  'trip.booked': { to: string };
  'flight.book': { to: string };
  'flight.booked': { seat: string };
  'flight.full': undefined;
  'trip.off': undefined;
}
const travel = createEventBus<TripEvents>({ store: memoryStore() });
const trip = defineSaga<TripEvents>({
  name: 'trip',
  startOn: 'trip.booked',
  steps: [
    {
      name: 'flight',
      send: ({ start }) => ({ type: 'flight.book', data: { to: start.data.to } }),
      completedOn: 'flight.booked',
      failedOn: 'flight.full',
    },
  ],
  failed: () => ({ type: 'trip.off' }),
});
await travel.install(trip);
travel.on('flight.book', (_, delivery) => delivery.emit('flight.full'));
const off = travel.waitFor('trip.off');
travel.emit('trip.booked', { to: 'Oslo' });
await off;
await travel.idle();
console.log(`a trip has ${(await trip.instances())[0]?.state}`);
await travel.close();

try {
  bus.emit('not a type' as 'ping');
} catch (error) {
  if (error instanceof CrosstownError) console.log(error.name);
}

// What leaves the bus is sealed, and one event is sealed by hand.
const keys = keyring({ current: 'k1', keys: { k1: crypto.getRandomValues(new Uint8Array(32)) } });
const guarded = createEventBus<{ 'card.encrypted': Sealed<{ number: string }> }>({ codecs: [aesGcm({ keys })] });
guarded.on('card.encrypted', async (event) => {
  console.log(`${event.data.alg}, opened: ${(await open(keys, event)).number}`);
});
await guarded.emit('card.encrypted', await seal(keys, 'card.encrypted', { number: '4111' }));
await guarded.close();

// What comes in many pieces: summarized by user, and gathered into batches.
interface Activity {
  'user.click': { userId: string };
  'user.activity': { userId: string; clicks: number };
  'analytics.batch': { items: readonly string[] };
}
const busy = createEventBus<Activity>();
busy.on('user.activity', ({ data }) => console.log(`${data.userId} clicked ${data.clicks} times`));
busy.on('analytics.batch', ({ data }) => console.log(`${data.items.length} in a batch`));
await busy.install(
  aggregate({
    on: 'user.*',
    key: (event) => event.data.userId,
    mode: 'debounce',
    windowMs: 5_000,
    emit: 'user.activity',
    summarize: (events, userId) => ({ userId, clicks: events.length }),
  }),
);
const tracker = createBatcher(busy, { type: 'analytics.batch', size: 2, intervalMs: 1_000 });
for (const name of ['click', 'scroll', 'leave']) tracker.add(name);
busy.emit('user.click', { userId: '1' });
busy.emit('user.click', { userId: '1' });
await busy.close();

// Two events of one chain, the second by code that does not know of it.
const app = chained(bus);
const pingLater = async () => {
  await Promise.resolve();
  return app.emit('ping').event;
};
const [first, second] = await correlate(bus, async (chain) => [chain.emit('ping').event, await pingLater()] as const);
console.log(`one chain: ${second.correlationId === first.correlationId && second.causationId === first.id}`);

// In Node there is no IndexedDB, and a bus of one node needs no channel: they are made, and opened by nobody.
export const lazy = [indexedDbStore({ name: 'consumer' }), broadcastChannel({ channel: 'consumer' })];

// A plugin as a class, which tsc compiles as it is.
class Echo extends Plugin<AppEvents, { answer: string }> {
  override readonly name = 'echo';

  @eventHandler('ping')
  pong(event: EventOf<AppEvents, 'ping'>): void {
    console.log(`${event.type} ${this.config.answer}`);
  }

  // @ts-expect-error the event is another
  @eventHandler('user.created')
  mistaken(event: EventOf<AppEvents, 'ping'>): void {
    void event;
  }
}
await bus.install(new Echo({ answer: 'pong' }));
await bus.emit('ping');

await bus.close();

// Two buses that reach each other by the ends of a channel.
const { port1, port2 } = new MessageChannel();
const hub = messagePorts();
const guard = restricted(messagePort({ port: port1 }), {
  source: 'right',
  permissions: { emit: 'ping', on: 'user.*' },
});
const left = createEventBus<AppEvents>({ transports: [guard] });
const right = createEventBus<AppEvents>({ source: 'right', transports: [hub] });
hub.add({ port: port2 });
const met = new Promise<void>((resolve) => left.inspect(({ kind }) => kind === 'nodeJoined' && resolve()));
left.on('ping', () => {});
const arrival = right.waitFor('user.created');
// Ports keep no process alive, and this one is to see the end.
const alive = setTimeout(() => {}, 10_000);
await met;
left.emit('user.created', { userId: '2', username: 'grace' });
console.log(`${(await arrival).data.username} came by a port`);
clearTimeout(alive);
await Promise.all([left.close(), right.close()]);

// As a test of the program would do it: on simulated time.
const tested = createTestEventBus<AppEvents>();
tested.use(logger({ write: console.log, format: ({ event, status }) => `${event.type} ${status}` }));
tested.use(rateLimit({ limit: 1, windowMs: 1_000, clock: tested.clock }));
tested.emit('ping');
tested.emit('ping');
await tested.clock.advance(1_000);
tested.emit('ping');
await tested.processEvents();
console.log(tested.emittedOf('ping').length, tested.getErrorCount());
const advice: Advice[] = [];
const watched = createTestEventBus<AppEvents>();
watched.inspect(bestPractices({ report: (each) => advice.push(each), rules: { 'vague-type': false } }));
watched.emit('user.created', { userId: '3', username: 'joan' });
watched.emit('user.removed', 'joan' as never);
console.log(advice.map(({ rule, type }) => `${rule} of ${type}`).join());
// @ts-expect-error the map has no such event
tested.emittedOf('user.renamed');

// As the author of a store and of a transport would do it, with the test runner at hand.
const ownStore = (log: string): EventStore => memoryStore({ name: log });
const ownChannel = (): readonly [Transport, Transport] => {
  const channel = crypto.randomUUID();
  return [broadcastChannel({ channel }), broadcastChannel({ channel })];
};
const cases: readonly ConformanceCase[] = [...eventStoreConformance(ownStore), ...transportConformance(ownChannel)];
for (const { run } of cases) await run();
console.log('what is its own conforms');
