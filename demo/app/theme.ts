import { useEffect } from 'react';
import { useStoredState } from './stored-state.js';

export type Theme = 'light' | 'dark';

/** The theme of the page: the visitor's choice, else the system's. */
export function useTheme(): readonly [Theme, () => void] {
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const [theme, setTheme] = useStoredState<Theme>('shop.theme', system);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return [theme, () => setTheme(theme === 'dark' ? 'light' : 'dark')];
}
