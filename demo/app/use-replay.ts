import { useEffect, useRef, useState } from 'react';
import { replay } from '../traffic/replay.js';
import { loadWebhooks } from '../traffic/webhooks.js';
import { useShop } from './shop-context.js';

const MOST = 5_000;

/** The rate at a position of the slider, 0 to 100: 1 to 5,000 events a second, in equal ratios and round figures. */
export function rateAt(position: number): number {
  return Number((MOST ** (position / 100)).toPrecision(position === 100 ? 4 : 2));
}

/** Live traffic on the shop's bus, on and off; it goes on when the shop gets another bus. */
export function useReplay(rate: number): { running: boolean; achieved: number; toggle: () => void } {
  const { bus } = useShop();
  const [running, setRunning] = useState(false);
  const [achieved, setAchieved] = useState(0);
  const latestRate = useRef(rate);
  useEffect(() => {
    latestRate.current = rate;
  }, [rate]);

  useEffect(() => {
    if (!running) return;
    let stop = (): void => {};
    let stopped = false;
    const begin = async (): Promise<void> => {
      const webhooks = await loadWebhooks();
      if (stopped) return;
      stop = replay({
        webhooks,
        rate: () => latestRate.current,
        emit: ({ type, data }) => void bus.emit(type, data),
        onRate: (reached) => setAchieved(Math.round(reached)),
      });
    };
    begin().catch((error: Error) => {
      setRunning(false);
      bus.emit('shop.failed', { stage: 'live traffic', name: error.name, message: error.message }, { local: true });
    });
    return () => {
      stopped = true;
      stop();
      setAchieved(0);
    };
  }, [bus, running]);
  return { running, achieved, toggle: () => setRunning(!running) };
}
