import type { KeyboardEvent } from 'react';
import type { Session } from '../../model/session.js';
import type { Tail } from './use-tail.js';

interface ListKeys {
  readonly session: Session;
  readonly selected: number | undefined;
  readonly tail: Tail;
  readonly scrollTo: (position: number) => void;
  readonly onSelect: (sequence: number) => void;
  readonly onOpen: (sequence: number) => void;
  readonly onClose: () => void;
  readonly onPause: () => void;
}

const PAGE = 20;

/** What the keys do in the list: arrows or j and k go along it, Enter opens, Escape closes, Space pauses. */
export function useListKeys(keys: ListKeys): (event: KeyboardEvent) => void {
  const { session, selected, tail, scrollTo, onSelect, onOpen, onClose, onPause } = keys;
  const { matches } = session;
  const go = (position: number): void => {
    const to = Math.min(Math.max(0, position), matches.count - 1);
    if (to < 0) return;
    tail.stay();
    onSelect(matches.at(to));
    scrollTo(to);
  };
  const press = (key: string): boolean => {
    const last = matches.count - 1;
    const at = selected === undefined ? undefined : matches.search(selected);
    switch (key) {
      case 'ArrowDown':
      case 'j':
        go(at === undefined ? last : at + 1);
        return true;
      case 'ArrowUp':
      case 'k':
        go(at === undefined ? last : at - 1);
        return true;
      case 'PageDown':
        go((at ?? last) + PAGE);
        return true;
      case 'PageUp':
        go((at ?? last) - PAGE);
        return true;
      case 'Home':
      case 'g':
        go(0);
        return true;
      case 'End':
      case 'G':
        go(last);
        tail.follow();
        return true;
      case 'Enter':
        if (selected !== undefined) onOpen(selected);
        return true;
      case 'Escape':
        onClose();
        return true;
      case ' ':
        onPause();
        return true;
      default:
        return false;
    }
  };
  return (event) => {
    const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && press(event.key);
    if (isOurs) event.preventDefault();
  };
}
