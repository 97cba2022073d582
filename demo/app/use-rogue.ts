import { useEffect, useRef, useState } from 'react';
import { rogue } from '../plugins/rogue/rogue.js';
import { type Refusal, watchRefusals } from './refusals.js';
import { useShop } from './shop-context.js';

const KEPT = 4;

export interface Refusals {
  readonly count: number;
  /** The newest first; what was refused for the same reason as the one before is one. */
  readonly latest: readonly (Refusal & { readonly id: number; readonly times: number })[];
}

const none: Refusals = { count: 0, latest: [] };

/** The rogue on the shop's bus, on and off; it comes along when the shop gets another bus. */
export function useRogue(): { running: boolean; refusals: Refusals; toggle: () => void } {
  const { bus } = useShop();
  const [running, setRunning] = useState(false);
  const [refusals, setRefusals] = useState(none);
  /** One comes when the one before is gone: both have the same name. */
  const turn = useRef<Promise<void>>(Promise.resolve());

  useEffect(() => {
    if (!running) return;
    setRefusals(none);
    const unwatch = watchRefusals(bus, rogue.name, (refusal) => setRefusals((before) => withOne(before, refusal)));
    const installed = turn.current.then(() => bus.install(rogue));
    installed.catch(() => setRunning(false));
    return () => {
      unwatch();
      turn.current = installed.then(
        ({ uninstall }) => uninstall(),
        () => {},
      );
    };
  }, [bus, running]);
  return { running, refusals, toggle: () => setRunning(!running) };
}

function withOne({ count, latest }: Refusals, refusal: Refusal): Refusals {
  const [newest, ...older] = latest;
  const isSame = newest?.wanted === refusal.wanted && newest.because === refusal.because;
  const all = isSame
    ? [{ ...newest, times: newest.times + 1 }, ...older]
    : [{ ...refusal, id: count, times: 1 }, ...latest.slice(0, KEPT - 1)];
  return { count: count + 1, latest: all };
}
