// Tests write `await using`, which the compiler turns into calls of methods by these names. A bus has such a method where
// the platform has the name; not every engine has it yet.
for (const name of ['dispose', 'asyncDispose']) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
}
