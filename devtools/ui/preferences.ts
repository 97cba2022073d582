import { useCallback, useState } from 'react';

const PREFIX = 'crosstown-devtools.';

/**
 * State that outlives the page where storage is allowed.
 * @param isValid what is stored may come from another version
 */
export function usePreference<T>(
  name: string,
  initial: T,
  isValid: (value: unknown) => value is T,
): readonly [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => read(name, isValid) ?? initial);
  const change = useCallback(
    (next: T): void => {
      setValue(next);
      write(name, next);
    },
    [name],
  );
  return [value, change];
}

function read<T>(name: string, isValid: (value: unknown) => value is T): T | undefined {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
    return isValid(stored) ? stored : undefined;
  } catch {
    return undefined;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // No storage here: it holds until the panel goes.
  }
}
