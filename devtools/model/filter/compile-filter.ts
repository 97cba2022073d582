import type { PanelNode } from '../nodes.js';
import { previewData } from '../payload/preview.js';
import type { Recorder } from '../recorder.js';
import { type StatusName, statusNames } from '../status.js';
import { matchType } from './match-type.js';
import { type Condition, type Mark, type ParsedFilter, parseDuration } from './parse-filter.js';

/** A filter made ready for the columns of one recorder. */
export interface CompiledFilter {
  /** Whether the event in a slot passes. */
  readonly test: (slot: number) => boolean;
  /** Whether the answer may change while an event's handlers run. */
  readonly isVolatile: boolean;
  /** Whether data has to be read, which takes too long to do for all events at once. */
  readonly isSlow: boolean;
  /** Whether every event passes. */
  readonly isEmpty: boolean;
}

type Test = (slot: number) => boolean;

/** Makes a predicate over slots that asks cheap conditions first. */
export function compileFilter(filter: ParsedFilter, recorder: Recorder): CompiledFilter {
  const tests = [...filter.conditions]
    .sort((a, b) => Number(a.key === 'text') - Number(b.key === 'text'))
    .map((condition) => {
      const test = testOf(condition, recorder);
      return condition.negated ? (slot: number) => !test(slot) : test;
    });
  const uses = (...keys: Condition['key'][]): boolean => filter.conditions.some(({ key }) => keys.includes(key));
  return {
    test: (slot) => tests.every((test) => test(slot)),
    isVolatile: uses('status', 'is', 'dur'),
    isSlow: uses('text', 'corr'),
    isEmpty: tests.length === 0,
  };
}

function testOf({ key, values }: Condition, recorder: Recorder): Test {
  const { events, types, sources, nodes } = recorder;
  const lower = values.map((value) => value.toLowerCase());
  switch (key) {
    case 'type':
      return byNumber(events.type, (type) => values.some((value) => matchType(value, types.at(type))));
    case 'source':
      return byNumber(events.source, (source) => contains(sources.at(source), lower));
    case 'node':
      // Not remembered by number: what is known of a node grows.
      return (slot) => isNode(nodes.at(events.node[slot] as number), lower);
    case 'status': {
      const wanted = new Set(lower.map((value) => statusNames.indexOf(value as StatusName)));
      return (slot) => wanted.has(events.status[slot] as number);
    }
    case 'is': {
      const columns: Record<Mark, Uint16Array> = { dead: events.letters, retried: events.retries };
      const wanted = lower.map((value) => columns[value as Mark]);
      return (slot) => wanted.some((column) => (column[slot] as number) > 0);
    }
    case 'dur': {
      const bounds = values.map(parseDuration).filter((bound) => bound !== undefined);
      return (slot) => {
        const duration = events.duration[slot] as number;
        return bounds.some(({ above, ms }) => (above ? duration > ms : duration < ms));
      };
    }
    case 'corr':
      return (slot) => {
        const id = events.events[slot]?.correlationId.toLowerCase();
        return id !== undefined && lower.some((value) => id.startsWith(value));
      };
    case 'text':
      return textTest(lower, recorder);
  }
}

function textTest(words: readonly string[], { events, types, sources }: Recorder): Test {
  const inType = byNumber(events.type, (type) => contains(types.at(type), words));
  const inSource = byNumber(events.source, (source) => contains(sources.at(source), words));
  return (slot) => {
    if (inType(slot) || inSource(slot)) return true;
    const event = events.events[slot];
    return event !== undefined && contains(previewData(event.data), words);
  };
}

/** A test of a column of numbered names, which looks at every name once. */
function byNumber(column: Uint16Array, fits: (number: number) => boolean): Test {
  const answers: (boolean | undefined)[] = [];
  return (slot) => {
    const number = column[slot] as number;
    answers[number] ??= fits(number);
    return answers[number];
  };
}

function isNode(node: PanelNode, wanted: readonly string[]): boolean {
  const id = node.id.toLowerCase();
  const isHere = node.index === 0;
  return wanted.some(
    (value) => (isHere && value === 'this') || id.includes(value) || node.source.toLowerCase().includes(value),
  );
}

function contains(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => lower.includes(word));
}
