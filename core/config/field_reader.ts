/** What is wrong at a path; the sentence says what is there and what is allowed. */
export type Report = (path: string, code: string, sentence: string) => void;

/**
 * Reads the fields of one object that came from outside, and reports those of the wrong type. The API server's schema
 * refuses most of them; a file given to the command line, or a cluster with older CRDs, has no such guard.
 */
export class FieldReader {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    readonly path: string,
    readonly report: Report,
  ) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject && value !== undefined && value !== null) {
      report(path, "field.type", `${quote(value)} is not an object`);
    }
    this.#fields = isObject ? (value as Readonly<Record<string, unknown>>) : {};
  }

  at(name: string): string {
    return `${this.path}.${name}`;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (value === undefined || typeof value === "string") return value ?? "";
    this.report(this.at(name), "field.type", `${quote(value)} is not text`);
    return "";
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#get(name);
    if (value === undefined || typeof value === "boolean") return value ?? fallback;
    this.report(this.at(name), "field.type", `${quote(value)} is neither true nor false`);
    return fallback;
  }

  /** A whole number from `min` to `max`, or undefined where the field is absent or wrong. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && min <= value && value <= max) return value;
    this.report(this.at(name), "field.range", `${quote(value)} is not a whole number from ${min} to ${max}`);
    return undefined;
  }

  texts(name: string): string[] {
    return this.#list(name).flatMap((value, index) => {
      if (typeof value === "string") return [value];
      this.report(`${this.at(name)}[${index}]`, "field.type", `${quote(value)} is not text`);
      return [];
    });
  }

  /** As {@link texts}; an entry that stands there twice is reported. */
  uniqueTexts(name: string): string[] {
    const texts = this.texts(name);
    for (const [index, text] of texts.entries()) {
      const first = texts.indexOf(text);
      if (first === index) continue;
      const sentence = `"${text}" is already in ${this.at(name)}[${first}]; each entry may stand once`;
      this.report(`${this.at(name)}[${index}]`, "list.duplicate", sentence);
    }
    return texts;
  }

  textMap(name: string): Record<string, string> {
    const reader = this.object(name);
    return Object.fromEntries(Object.keys(reader.#fields).map((key) => [key, reader.text(key)]));
  }

  /** An absent object reads as an empty one. */
  object(name: string): FieldReader {
    return new FieldReader(this.#get(name), this.at(name), this.report);
  }

  objects(name: string): FieldReader[] {
    return this.#list(name).map((value, index) => {
      const path = `${this.at(name)}[${index}]`;
      if (value === null || value === undefined) this.report(path, "field.type", "null is not an object");
      return new FieldReader(value, path, this.report);
    });
  }

  #list(name: string): readonly unknown[] {
    const value = this.#get(name);
    if (value === undefined || Array.isArray(value)) return value ?? [];
    this.report(this.at(name), "field.type", `${quote(value)} is not a list`);
    return [];
  }

  /** Null is as good as absent, as in the API server. */
  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }
}

/** A value as it would stand in JSON, cut to a length that fits a sentence. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
