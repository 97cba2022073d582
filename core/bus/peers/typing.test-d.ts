import Emittery from 'emittery';
import EventEmitter2 from 'eventemitter2';
import EventEmitter3 from 'eventemitter3';
import mitt from 'mitt';
import { createNanoEvents } from 'nanoevents';
import { describe, expectTypeOf, it } from 'vitest';
import { type BusEvent, createEventBus } from '../../index.js';

interface Person {
  name: string;
}

// A type, not an interface, as mitt and emittery want an index signature of their maps.
type Events = { foo: string; bar: Person; none: undefined; maybe: number | undefined };

interface Calls {
  foo: (text: string) => void;
  bar: (person: Person) => void;
  none: () => void;
}

const ofMitt = mitt<Events>();
const ofNano = createNanoEvents<Calls>();
const of3 = new EventEmitter3<Calls>();
const ofEmittery = new Emittery<Events>();
const of2 = new EventEmitter2();
const bus = createEventBus<Events>();

const takesString = (_: string): void => {};
const takesNumber = (_: number): void => {};
const takesEventOfString = (_: BusEvent<string, string>): void => {};
const takesEventOfNumber = (_: BusEvent<string, number>): void => {};

describe('peers: types', () => {
  it('P3 a handler that cannot take the data of its type does not compile', () => {
    ofMitt.on('foo', takesString);
    // @ts-expect-error: it takes something else.
    ofMitt.on('foo', takesNumber);
    ofNano.on('foo', takesString);
    // @ts-expect-error: it takes something else.
    ofNano.on('foo', takesNumber);
    of3.on('foo', takesString);
    // @ts-expect-error: it takes something else.
    of3.on('foo', takesNumber);
    ofEmittery.on('foo', takesString);
    // @ts-expect-error: it takes something else.
    ofEmittery.on('foo', takesNumber);
    of2.on('foo', takesNumber);
    bus.on('foo', takesEventOfString);
    // @ts-expect-error: it takes something else.
    bus.on('foo', takesEventOfNumber);
    // @ts-expect-error: no function.
    bus.on('foo', 1);
  });

  it('P3 an emit without its data, or with other data, does not compile', () => {
    ofMitt.emit('bar', { name: 'jack' });
    // @ts-expect-error: not the data of this type.
    ofMitt.emit('bar', 'jack');
    // @ts-expect-error: not the data of this type.
    ofMitt.emit('foo');
    ofNano.emit('foo', 'text');
    // @ts-expect-error: not the data of this type.
    ofNano.emit('foo', 1);
    // @ts-expect-error: not the data of this type.
    ofNano.emit('foo', 'text', 'more');
    // @ts-expect-error: not the data of this type.
    of3.emit('foo');
    // @ts-expect-error: not the data of this type.
    void ofEmittery.emit('foo');
    of2.emit('foo', 1);
    bus.emit('bar', { name: 'jack' });
    // @ts-expect-error: not the data of this type.
    bus.emit('bar', 'jack');
    // @ts-expect-error: not the data of this type.
    bus.emit('foo');
    // @ts-expect-error: not the data of this type.
    bus.emit('foo', 'text', 'more');
  });

  it('P3 data that is undefined may be left out', () => {
    ofMitt.emit('none');
    ofNano.emit('none');
    of3.emit('none');
    void ofEmittery.emit('none');
    of2.emit('none');
    bus.emit('none');
    bus.emit('maybe');
    bus.emit('maybe', 1);
    // @ts-expect-error: not the data of this type.
    bus.emit('none', 'data');
    // @ts-expect-error: not the data of this type.
    bus.emit('maybe', 'text');
  });

  it('P3 an unknown type does not compile', () => {
    // @ts-expect-error: nobody knows this type.
    ofMitt.emit('unknown');
    // @ts-expect-error: nobody knows this type.
    ofNano.emit('unknown');
    // @ts-expect-error: nobody knows this type.
    of3.emit('unknown');
    // @ts-expect-error: nobody knows this type.
    void ofEmittery.emit('unknown');
    of2.emit('unknown');
    // @ts-expect-error: nobody knows this type.
    bus.emit('unknown');
    // @ts-expect-error: nobody knows this type.
    bus.on('unknown', () => {});
  });

  it('P3 a handler of everything takes the union of all events, told apart by their type', () => {
    ofMitt.on('*', (type, data) => {
      expectTypeOf(type).toEqualTypeOf<keyof Events>();
      expectTypeOf(data).toEqualTypeOf<Events[keyof Events]>();
    });
    // @ts-expect-error: types are text.
    ofMitt.on('*', (type: number) => type);
    ofEmittery.onAny((type, data) => {
      expectTypeOf(type).toEqualTypeOf<keyof Events>();
      expectTypeOf(data).toEqualTypeOf<Events[keyof Events]>();
    });
    of2.onAny((type) => expectTypeOf(type).toEqualTypeOf<string | string[]>());
    bus.on('**', (event) => {
      expectTypeOf(event.type).toEqualTypeOf<keyof Events>();
      if (event.type === 'bar') expectTypeOf(event.data).toEqualTypeOf<Person>();
    });
  });

  it('P3 what is waited for, or streamed, is typed by its pattern', async () => {
    expectTypeOf(await ofEmittery.once('bar')).toEqualTypeOf<Person>();
    for await (const data of ofEmittery.events(['foo', 'bar'])) expectTypeOf(data).toEqualTypeOf<string | Person>();
    expectTypeOf(await of2.waitFor('bar')).toBeArray();
    expectTypeOf((await bus.waitFor('bar')).data).toEqualTypeOf<Person>();
    for await (const { data } of bus.stream(['foo', 'bar'])) expectTypeOf(data).toEqualTypeOf<string | Person>();
  });

  it('P3 off takes a type or pattern of the map, and any handler', () => {
    ofMitt.off('foo', takesString);
    // @ts-expect-error: typed by the map there.
    ofMitt.off('foo', takesNumber);
    ofEmittery.off('foo', takesString);
    // @ts-expect-error: typed by the map there.
    ofEmittery.off('foo', takesNumber);
    // @ts-expect-error: typed by the map there.
    of3.off('unknown');
    of2.off('unknown', takesNumber);
    bus.off('foo', takesEventOfNumber);
    // @ts-expect-error: no type of the map.
    bus.off('unknown');
  });

  it('P3 without a map any type and any data will do', () => {
    mitt().emit('anything', 1);
    createNanoEvents().emit('anything', 1);
    new EventEmitter3().emit('anything', 1);
    void new Emittery().emit('anything', 1);
    createEventBus().emit('anything', 1);
    createEventBus().on('anything.*', (event) => expectTypeOf(event.type).toEqualTypeOf<string>());
    // @ts-expect-error: no function.
    createNanoEvents().on('anything', 1);
    // @ts-expect-error: no function.
    createEventBus().on('anything', 1);
  });
});
