/** What shows something new once a frame at most. */
export interface Publisher {
  /** Takes what is new as what is shown, and tells nobody yet. */
  publish(): void;
  /** Tells those who show it. */
  notify(): void;
}

/** How long a frame is waited for that does not come, as in a page that is hidden. */
const HIDDEN_MS = 100;
/** How long a frame is where there are none. */
const FRAME_MS = 16;

const due = new Set<Publisher>();
/** Whose frame is waited for; a test's fake timers may go before it comes, and would leave all hooks waiting. */
let asked: typeof setTimeout | undefined;

/** Has `publisher` publish with the next frame, together with all others, so that no two components show different times. */
export function publishWithFrame(publisher: Publisher): void {
  due.add(publisher);
  if (asked === setTimeout) return;
  asked = setTimeout;
  const hasFrames = typeof requestAnimationFrame === 'function';
  const come = (): void => {
    clearTimeout(timer);
    if (hasFrames) cancelAnimationFrame(frame);
    asked = undefined;
    publishAll();
  };
  const timer = setTimeout(come, hasFrames ? HIDDEN_MS : FRAME_MS);
  const frame = hasFrames ? requestAnimationFrame(come) : 0;
}

function publishAll(): void {
  const publishers = [...due];
  due.clear();
  for (const publisher of publishers) publisher.publish();
  for (const publisher of publishers) publisher.notify();
}
