import type { Schema } from "./schema.ts";

/**
 * Tells which schemas have something of a kind in or below them, so that a walk over a value goes only where there is
 * something to do. The answer is worked out once per schema; schemas never change.
 */
export class Relevance {
  readonly #says: (schema: Schema) => boolean;
  readonly #known = new WeakMap<Schema, boolean>();
  readonly #properties = new WeakMap<Schema, [string, Schema][]>();

  /** `says` looks at one schema alone. */
  constructor(says: (schema: Schema) => boolean) {
    this.#says = says;
  }

  has(schema: Schema): boolean {
    return this.#known.get(schema) ?? this.#search(schema, new Set());
  }

  /** The named fields that are worth visiting. */
  properties(schema: Schema): [string, Schema][] {
    let found = this.#properties.get(schema);
    if (found === undefined) {
      found = Object.entries(schema.properties ?? {}).filter(([, property]) => this.has(property));
      this.#properties.set(schema, found);
    }
    return found;
  }

  /** `visiting` breaks the cycles of types that contain themselves; only a settled answer is remembered. */
  #search(schema: Schema, visiting: Set<object>): boolean {
    if (this.#says(schema)) {
      this.#known.set(schema, true);
      return true;
    }
    const identity = schema.properties ?? schema;
    if (visiting.has(identity)) return false;
    visiting.add(identity);
    const children = [
      ...Object.values(schema.properties ?? {}),
      ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : []),
      ...(schema.items ? [schema.items] : []),
    ];
    const found = children.some((child) => this.#known.get(child) ?? this.#search(child, visiting));
    visiting.delete(identity);
    if (found || visiting.size === 0) this.#known.set(schema, found);
    return found;
  }
}
