// The devtools as a React application and as a page without React would use them.
import { createEventBus } from 'crosstown';
import { CrosstownDevtools, mountDevtools } from 'crosstown/devtools';
import type { ReactElement } from 'react';

const bus = createEventBus();

export function App(): ReactElement {
  return <CrosstownDevtools bus={bus} />;
}

export function mount(element: HTMLElement): void {
  mountDevtools(bus, element);
}
