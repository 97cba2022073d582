import { InvalidOptionError, SchemaError, type SchemaIssue } from '../errors.js';

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
  };
}

/** The schemas of a bus, by type. */
export class Schemas {
  readonly #byType: ReadonlyMap<string, StandardSchema>;

  /** @throws InvalidOptionError */
  constructor(schemas: Readonly<Record<string, StandardSchema>>) {
    this.#byType = new Map(Object.entries(schemas));
    for (const [type, schema] of this.#byType) {
      if (typeof schema?.['~standard']?.validate !== 'function') {
        throw new InvalidOptionError(`schemas["${type}"]`, schema, 'a Standard Schema, such as one of zod or valibot');
      }
    }
  }

  /**
   * What the type's schema makes of the data: a promise of it where the schema is asynchronous.
   *
   * @throws SchemaError
   */
  check(type: string, data: unknown): { readonly data: unknown } | Promise<{ readonly data: unknown }> {
    const schema = this.#byType.get(type);
    if (schema === undefined) return { data };
    const result = schema['~standard'].validate(data);
    return result instanceof Promise ? result.then((late) => accepted(type, late)) : accepted(type, result);
  }
}

function accepted(type: string, result: SchemaResult): { readonly data: unknown } {
  if (result.issues !== undefined) throw new SchemaError(type, result.issues);
  return { data: result.value };
}
