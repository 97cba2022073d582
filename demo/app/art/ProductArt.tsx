import type { CSSProperties, FunctionComponent, ReactElement } from 'react';
import { Candle } from './candle.js';
import { Chair } from './chair.js';
import { Clock } from './clock.js';
import { Kettle } from './kettle.js';
import { Lamp } from './lamp.js';
import { Mirror } from './mirror.js';
import { Mug } from './mug.js';
import { Notebook } from './notebook.js';
import { Plant } from './plant.js';
import { Speaker } from './speaker.js';
import { Throw } from './throw.js';
import { Vase } from './vase.js';

/** The drawing of each product, and the hue behind it. */
const art: Readonly<Record<string, readonly [FunctionComponent, number]>> = {
  lamp: [Lamp, 85],
  chair: [Chair, 150],
  mug: [Mug, 60],
  plant: [Plant, 110],
  clock: [Clock, 265],
  kettle: [Kettle, 210],
  speaker: [Speaker, 45],
  vase: [Vase, 300],
  candle: [Candle, 75],
  notebook: [Notebook, 185],
  throw: [Throw, 20],
  mirror: [Mirror, 225],
};

export function ProductArt({ productId }: { readonly productId: string }): ReactElement {
  const [Drawing, hue] = art[productId] ?? [undefined, 0];
  return (
    <div className="art" style={{ '--hue': hue } as CSSProperties}>
      <svg viewBox="0 0 200 200" aria-hidden="true">
        <ellipse cx="100" cy="172" rx="62" ry="9" className="art-shadow" />
        {Drawing !== undefined && <Drawing />}
      </svg>
    </div>
  );
}
