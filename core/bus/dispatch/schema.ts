import { InvalidOptionError, SchemaError, type SchemaIssue } from '../errors.js';
import { compilePattern, isWildcard } from '../event/pattern.js';

/** What a schema says of a value: what it makes of it, or what is wrong with it. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** A schema of any library that implements Standard Schema v1 (https://standardschema.dev). */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
    /** For the compiler alone. */
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/**
 * A schema, and what else is to be known of the events it is for (G5).
 *
 * @example
 * const price: SchemaRule = { schema: z.string().transform(Number), version: 2, arrival: z.number() };
 */
export interface SchemaRule {
  readonly schema: StandardSchema;
  /** What `metadata.schemaVersion` of events emitted here says: a whole number from 1, or a text of 1 to 256 characters. */
  readonly version?: number | string | undefined;
  /**
   * What data must be that a schema has made before: that of events from other nodes, and what a middleware makes of it.
   * `schema` by default. One that does not take its own output, such as one that makes numbers of text, refuses every
   * event of another node: give it the schema of its output here, or `false` for none.
   */
  readonly arrival?: StandardSchema | false | undefined;
}

/** What holds for events of one type; nothing for those without a schema. */
export interface TypeRule {
  readonly emitted: StandardSchema | undefined;
  /** For data that has the form of a schema's output. */
  readonly passed: StandardSchema | undefined;
  readonly version: number | string | undefined;
}

/** Data that a schema has taken. */
export interface Checked {
  readonly data: unknown;
}

const NO_RULE: TypeRule = Object.freeze({ emitted: undefined, passed: undefined, version: undefined });

/** Types that were looked up in patterns, and are remembered: there is no end to them. */
const MOST_TYPES = 4096;

const nativeThen = Promise.prototype.then;

const NEITHER: SchemaIssue = { message: 'its schema answers with neither a value nor issues' };

/** The schemas of a bus, by type and by pattern. */
export class Schemas {
  readonly #exact = new Map<string, TypeRule>();
  readonly #patterns: { readonly matches: (type: string) => boolean; readonly rule: TypeRule }[] = [];
  #byType: Map<string, TypeRule>;

  /** @throws InvalidOptionError, InvalidPatternError */
  constructor(schemas: Readonly<Record<string, StandardSchema | SchemaRule>>) {
    for (const [pattern, given] of Object.entries(schemas)) {
      const matches = compilePattern(pattern);
      const rule = ruleOf(`schemas["${pattern}"]`, given);
      if (isWildcard(pattern)) this.#patterns.push({ matches, rule });
      else this.#exact.set(pattern, rule);
    }
    this.#byType = new Map(this.#exact);
  }

  /** The rule of the type itself, else of the first pattern that matches. */
  of(type: string): TypeRule {
    return this.#byType.get(type) ?? this.#find(type);
  }

  #find(type: string): TypeRule {
    if (this.#patterns.length === 0) return NO_RULE;
    const rule = this.#patterns.find(({ matches }) => matches(type))?.rule ?? NO_RULE;
    if (this.#byType.size >= this.#exact.size + MOST_TYPES) this.#byType = new Map(this.#exact);
    this.#byType.set(type, rule);
    return rule;
  }
}

/**
 * What a schema makes of the data: a promise of it where the schema is asynchronous.
 *
 * @throws SchemaError, or what the schema itself throws
 */
export function checkData(schema: StandardSchema | undefined, type: string, data: unknown): Checked | Promise<Checked> {
  if (schema === undefined) return { data };
  const result: unknown = schema['~standard'].validate(data);
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return accepted(type, result);
  // A promise's own `then`, and what a thenable's returns, may be anything.
  const settled = new Promise((resolve, reject) => {
    if (result instanceof Promise) nativeThen.call(result, resolve, reject);
    else resolve(result);
  });
  return settled.then((late) => accepted(type, late));
}

/** Metadata that says which version of its schema an event has: nobody else may say it. */
export function withVersion(
  metadata: Readonly<Record<string, unknown>> | undefined,
  schemaVersion: number | string,
): Readonly<Record<string, unknown>> {
  return Object.freeze({ ...metadata, schemaVersion });
}

/** @throws InvalidOptionError */
function ruleOf(option: string, given: StandardSchema | SchemaRule): TypeRule {
  if (isSchema(given)) return { emitted: given, passed: given, version: undefined };
  const { schema, version, arrival = schema } = (given ?? {}) as SchemaRule;
  if (!isSchema(schema)) throw noSchema(option, given, ', or an object with one as its schema');
  if (arrival !== false && !isSchema(arrival)) throw noSchema(`${option}.arrival`, arrival, ', or false');
  const isCount = Number.isSafeInteger(version) && (version as number) > 0;
  const isText = typeof version === 'string' && version !== '' && version.length <= 256;
  if (version !== undefined && !isCount && !isText) {
    throw new InvalidOptionError(
      `${option}.version`,
      version,
      'a whole number, 1 or more, or a text of 1 to 256 characters',
    );
  }
  return { emitted: schema, passed: arrival === false ? undefined : arrival, version };
}

function isSchema(value: unknown): value is StandardSchema {
  return typeof (value as StandardSchema | null | undefined)?.['~standard']?.validate === 'function';
}

function noSchema(option: string, value: unknown, or: string): InvalidOptionError {
  return new InvalidOptionError(option, value, `a Standard Schema, such as one of zod or valibot${or}`);
}

/** @throws SchemaError */
function accepted(type: string, result: unknown): Checked {
  let error: SchemaError;
  try {
    const { issues } = result as { issues?: unknown };
    if (issues === undefined && 'value' in (result as object)) return { data: (result as { value: unknown }).value };
    error = new SchemaError(type, Array.isArray(issues) ? issues : [NEITHER]);
  } catch {
    // A schema may answer with anything, and a getter of that throw.
    error = new SchemaError(type, [NEITHER]);
  }
  throw error;
}
