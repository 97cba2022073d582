import { CrosstownDevtools } from 'crosstown/devtools';
import type { ReactElement } from 'react';
import { useShop } from './shop-context.js';
import type { Theme } from './theme.js';

export function DevtoolsDock({ theme }: { readonly theme: Theme; readonly onClose: () => void }): ReactElement {
  const { bus } = useShop();
  return (
    <section className="dock" aria-label="Devtools" data-theme={theme}>
      <CrosstownDevtools bus={bus} />
    </section>
  );
}
