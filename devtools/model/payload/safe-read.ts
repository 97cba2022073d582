/** Does what may throw for reasons we do not control, a hostile proxy among them. */
export function safely<T>(read: () => T, otherwise: (error: unknown) => T): T {
  try {
    return read();
  } catch (error) {
    return otherwise(error);
  }
}

/** The value of a data property of the object itself; undefined for a getter, which is not called. */
export function ownValue(object: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** The value of a data property of the object or of what it inherits from. */
export function inheritedValue(object: object, key: PropertyKey): unknown {
  let from: object | null = object;
  for (let depth = 0; from !== null && depth < 100; depth++) {
    const property = Object.getOwnPropertyDescriptor(from, key);
    if (property !== undefined) return property.value;
    from = Object.getPrototypeOf(from) as object | null;
  }
  return undefined;
}

/** The names of the classes an object is an instance of, the nearest first; read without running a getter. */
export function lineage(value: object): string[] {
  const names: string[] = [];
  let from = Object.getPrototypeOf(value) as object | null;
  for (let depth = 0; from !== null && depth < 100; depth++) {
    const maker = ownValue(from, 'constructor');
    const name = typeof maker === 'function' ? ownValue(maker, 'name') : undefined;
    if (typeof name === 'string') names.push(name);
    from = Object.getPrototypeOf(from) as object | null;
  }
  return names;
}

/** `Name: message` of whatever was thrown. */
export function errorText(error: unknown): string {
  return safely(
    () => {
      if (typeof error === 'symbol' || typeof error === 'function') return String(typeof error);
      if (typeof error !== 'object' || error === null) return String(error);
      const name = inheritedValue(error, 'name');
      const message = inheritedValue(error, 'message');
      const parts = [name, message].filter((part) => typeof part === 'string' && part !== '');
      return parts.length === 0 ? 'an object' : parts.join(': ');
    },
    () => 'an error that cannot be read',
  );
}

/** What an error says in words: its message, without the name of the package before it. */
export function errorSentence(error: unknown): string {
  const isObject = typeof error === 'object' && error !== null;
  const message = isObject
    ? safely(
        () => inheritedValue(error, 'message'),
        () => undefined,
      )
    : undefined;
  return (typeof message === 'string' && message !== '' ? message : errorText(error)).replace(/^\[crosstown\] /, '');
}
