import { expect, it } from 'vitest';
import { createEventBus } from '../../core/index.js';
import { Recorder } from './recorder.js';
import { Session } from './session.js';

function setUp() {
  const bus = createEventBus();
  const recorder = new Recorder(bus);
  recorder.start();
  const frames: (() => void)[] = [];
  const session = new Session(recorder, (run) => frames.push(run));
  let shown = 0;
  const frame = (): void => {
    for (const run of frames.splice(0)) run();
  };
  return {
    bus,
    recorder,
    session,
    frames,
    frame,
    subscribe: () => session.subscribe(() => shown++),
    shown: () => shown,
  };
}

it('a thousand events are one frame', () => {
  const { bus, session, frames, frame, subscribe, shown } = setUp();
  subscribe();
  frame();
  const before = shown();
  for (let i = 0; i < 1000; i++) bus.emit('tick', i);
  expect(frames).toHaveLength(1);
  expect(session.getSnapshot().matches).toBe(0);
  frame();
  expect(shown() - before).toBe(1);
  expect(session.getSnapshot()).toMatchObject({ matches: 1000, total: 1000, searching: false });
});

it('a snapshot does not change until the next frame', () => {
  const { bus, session, frame, subscribe } = setUp();
  subscribe();
  frame();
  const before = session.getSnapshot();
  bus.emit('tick', 1);
  expect(session.getSnapshot()).toBe(before);
  expect(session.matches.count).toBe(0);
});

it('nothing is scheduled while nobody looks', () => {
  const { bus, frames, frame, subscribe } = setUp();
  bus.emit('tick', 1);
  expect(frames).toHaveLength(0);
  const stop = subscribe();
  frame();
  stop();
  bus.emit('tick', 2);
  expect(frames).toHaveLength(0);
});

it('what happened before the panel was opened is taken in over several frames', () => {
  const { bus, recorder, session, frames, frame, subscribe } = setUp();
  const { event } = bus.emit('first', 1);
  for (let i = 0; i < 60_000; i++) bus.emit('tick', i);
  subscribe();
  frame();
  expect(session.getSnapshot().matches).toBe(60_001);
  let count = 1;
  for (; frames.length > 0; count++) frame();
  expect(count).toBeGreaterThan(1);
  const last = recorder.events.events[(recorder.events.head - 1) & recorder.events.mask];
  expect(recorder.chains.find(event.id)).toBe(recorder.events.tail);
  expect(recorder.chains.find(last?.id ?? '')).toBe(recorder.events.head - 1);
});

it('a filter takes effect at once and says what it did not understand', () => {
  const { bus, session, subscribe, frame } = setUp();
  subscribe();
  bus.emit('a', 1);
  bus.emit('b', 1);
  frame();
  session.setFilter('type:a status:nope');
  expect(session.getSnapshot()).toMatchObject({ matches: 1, filter: 'type:a status:nope' });
  expect(session.getSnapshot().problems).toHaveLength(1);
});
