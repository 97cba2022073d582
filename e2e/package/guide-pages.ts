/** A page of the guide as the module that its examples are; lines keep the numbers they have on the page. */
export interface GuideModule {
  readonly name: string;
  /** What is type-checked. */
  readonly code: string;
  /** What is run, with each `console.log` told its line; undefined where the example needs a browser. */
  readonly program: string | undefined;
  /** What the page says is printed, as `line 12: value`, in the order of lines. */
  readonly expected: readonly string[];
}

/** A line of a block that is a module of its own, type-checked and not run: the first says so, or it needs a browser. */
const notRun = /^\/\/ Type-checked, not run: .|^import .* from 'crosstown\/stores\/indexeddb'/;

/** The modules of a page: one of all blocks that run, and one of each that does not. */
export function guideModules(name: string, page: string): readonly GuideModule[] {
  const lines = page.split('\n');
  const running = lines.map(() => '');
  const modules: GuideModule[] = [];
  for (const [from, to] of blocksOf(lines)) {
    const isRun = !lines.slice(from, to).some((line) => notRun.test(line));
    const target = isRun ? running : lines.map(() => '');
    for (let at = from; at < to; at++) target[at] = lines[at] ?? '';
    if (!isRun) modules.push({ name: `${name}-${from}.tsx`, code: asModule(target), program: undefined, expected: [] });
  }
  if (running.every((line) => line === '')) return modules;
  const code = asModule(running);
  return [{ name: `${name}.ts`, code, program: programOf(running), expected: expectedOf(running) }, ...modules];
}

/** What a program printed, in the form of {@link GuideModule.expected}: the order of lines, and of one line that of time. */
export function printedBy(output: string): readonly string[] {
  const printed = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('["') ? (JSON.parse(line) as [string, string]) : (['0', line] as const)));
  return printed.sort(([a], [b]) => Number(a) - Number(b)).map(([line, text]) => `line ${line}: ${text}`);
}

const asModule = (lines: readonly string[]): string => `${lines.join('\n')}\nexport {};\n`;

/** First line, and the one behind the last, of every block of TypeScript. */
function blocksOf(lines: readonly string[]): readonly (readonly [from: number, to: number])[] {
  const blocks: (readonly [number, number])[] = [];
  let from: number | undefined;
  for (const [at, line] of lines.entries()) {
    if (from === undefined && /^```tsx?$/.test(line)) from = at + 1;
    else if (from !== undefined && line === '```') {
      blocks.push([from, at]);
      from = undefined;
    }
  }
  return blocks;
}

/** Each `console.log` says where it stands, and writes on one line whatever it prints. */
function programOf(lines: readonly string[]): string {
  const told = lines.map((line, at) => line.replaceAll('console.log(', `printed('${at + 1}', `));
  return `import { formatWithOptions as printFormat } from 'node:util';
const printed = (line: string, ...values: unknown[]) =>
  process.stdout.write(JSON.stringify([line, printFormat({ breakLength: Infinity }, ...values)]) + '\\n');
${told.join('\n')}`;
}

/** `// → value` stands behind its `console.log`, or on the line below; `, then ` parts what one line prints in turn. */
function expectedOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, at) => {
    if (!line.includes('console.log(')) return [];
    const said = /\/\/ → (.*)$/.exec(line)?.[1] ?? /^\s*\/\/ → (.*)$/.exec(lines[at + 1] ?? '')?.[1];
    if (said === undefined) return [`line ${at + 1}: the page does not say what this prints`];
    return said.split(', then ').map((value) => `line ${at + 1}: ${value}`);
  });
}
