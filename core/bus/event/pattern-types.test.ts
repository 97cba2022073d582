import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../index.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** What the project's compiler says of a file: errors in that file, and how much it had to instantiate. */
async function compile(source: string): Promise<{ errors: string[]; instantiations: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'crosstown-types-'));
  try {
    await writeFile(join(folder, 'fixture.ts'), source);
    const compilerOptions = { paths: { crosstown: [join(root, 'core/index.ts')] }, types: [] };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files: ['fixture.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [compiler, '-p', folder, '--extendedDiagnostics'], (_, stdout) => resolve(stdout));
    });
    const [, count] = /Instantiations:\s+(\d+)/.exec(output) ?? [];
    if (count === undefined) throw new Error(`The compiler did not count: ${output}`);
    return { errors: output.split('\n').filter((line) => line.includes('fixture.ts')), instantiations: Number(count) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const areas = ['user', 'order', 'cart', 'catalogue', 'payment', 'shipment', 'invoice', 'audit', 'session', 'search'];
const things = ['profile', 'item', 'address', 'note', 'batch'];
const verbs = ['created', 'changed', 'removed', 'failed'];

/** A bus of 200 event types, as an application would declare them. */
const largeBus = [
  "import { createEventBus } from 'crosstown';",
  'interface AppEvents {',
  ...areas.flatMap((area) =>
    things.flatMap((thing) =>
      verbs.map((verb) => `'${area}.${thing}.${verb}': { ${area}Id: string; ${thing}: { ${verb}At: number } };`),
    ),
  ),
  '}',
  'const bus = createEventBus<AppEvents>();',
].join('\n');

const subscribe = (pattern: string): string =>
  `bus.on('${pattern}', (event) => console.log(event.type, event.data, event.id));`;

const wildcards = [
  'user.**',
  'order.*.created',
  '*.profile.*',
  '**.failed',
  'cart.**.removed',
  '*.*.changed',
  'payment.item.*',
  '**.note.**',
  'audit.*.*',
  'session.**',
  '**',
];

describe('the types of patterns', () => {
  it('P3 agree with compilePattern on any pattern and map', async () => {
    const segment = fc.constantFrom('a', 'b', 'cc');
    const anyType = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.'));
    const anyPattern = fc
      .array(fc.oneof(segment, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 5 })
      .map((segments) => segments.join('.'))
      .filter((pattern) => pattern.includes('*'));
    const types = [...new Set(fc.sample(anyType, 60))];
    const patterns = [...new Set(fc.sample(anyPattern, 400))];
    const matched = patterns.map((pattern) => types.filter(compilePattern(pattern)));
    expect(matched.some((some) => some.length > 1 && some.length < types.length)).toBe(true);

    const { errors } = await compile(
      [
        "import type { EventOf } from 'crosstown';",
        `interface Events { ${types.map((type) => `'${type}': 1`).join('; ')} }`,
        'type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;',
        ...patterns.map((pattern, i) => {
          const union = matched[i]?.map((type) => `'${type}'`).join(' | ') || 'never';
          return `export const p${i}: Same<EventOf<Events, '${pattern}'>['type'], ${union}> = true; // ${pattern}`;
        }),
        "export const wrong: Same<EventOf<Events, 'a.**'>['type'], 'nothing'> = true;",
      ].join('\n'),
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`fixture.ts(${patterns.length + 4},`);
  }, 60_000);

  it('P3 cost the compiler little: 200 types, ten wildcards and ** in 80,000 instantiations', async () => {
    const [bare, used] = [await compile(largeBus), await compile([largeBus, ...wildcards.map(subscribe)].join('\n'))];
    expect([...bare.errors, ...used.errors]).toEqual([]);
    expect(used.instantiations).toBeLessThanOrEqual(80_000);
    // A count that does not grow with what is compiled would prove nothing.
    expect(used.instantiations).toBeGreaterThan(bare.instantiations + 10_000);
  }, 60_000);
});
