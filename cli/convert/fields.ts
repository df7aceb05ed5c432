import { parseDuration } from "#core/config/mod.ts";
import type { TextKey } from "./texts.ts";

/** Something to tell about one place of the old configuration. */
export interface ConversionNote {
  /** `address-pools[0].protocol`. */
  readonly path: string;
  readonly code: TextKey;
  readonly values: Readonly<Record<string, string>>;
}

export type Tell = (path: string, code: TextKey, values?: Record<string, string>) => void;

/** A mapping of YAML in which every scalar is still the text that was written. */
export type OldObject = Readonly<Record<string, unknown>>;

/** What a field holds: how its text is read, or undefined where it cannot be; and what is wanted, in words. */
interface FieldType {
  readonly wanted: string;
  read(raw: unknown): unknown;
}

/** The types of MetalLB's configuration file, as Go's YAML reads them. */
export const text: FieldType = {
  wanted: "a text",
  read: (raw) => (typeof raw === "string" ? raw : undefined),
};
export const integer: FieldType = {
  wanted: "a whole number",
  read: (raw) => (typeof raw === "string" && /^\d{1,10}$/.test(raw) ? Number(raw) : undefined),
};
export const flag: FieldType = {
  wanted: "true or false",
  read: (raw) => (typeof raw === "string" ? flagWords.get(raw.toLowerCase()) : undefined),
};
export const texts: FieldType = {
  wanted: "a list of texts",
  read: (raw) => (Array.isArray(raw) && raw.every((item) => typeof item === "string") ? raw : undefined),
};
/** MetalLB cut durations down to whole seconds. */
export const seconds: FieldType = {
  wanted: "a duration such as 90s",
  read(raw) {
    const ms = typeof raw === "string" ? parseDuration(raw) : undefined;
    return ms === undefined || ms < 0 ? undefined : `${Math.trunc(ms / 1000)}s`;
  },
};
/** Read by somebody else; named here because it is known. */
export const elsewhere: FieldType = { wanted: "", read: () => undefined };

/** YAML 1.1, which the old configuration was written in. */
const flagWords = new Map(
  ["true", "yes", "on", "y", "false", "no", "off", "n"].map((word, index) => [word, index < 4]),
);

/** Old name, new name, type: a section of the configuration in a table. */
export type FieldTable = Readonly<Record<string, readonly [string, FieldType]>>;

/** The fields of `source` under their new names; whatever cannot be carried is told of. */
export function carry(
  source: OldObject,
  table: FieldTable,
  path: string,
  tell: Tell,
): Record<string, unknown> {
  const carried: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(source)) {
    const row = table[name];
    const at = path === "" ? name : `${path}.${name}`;
    if (!row) {
      tell(at, "field-unknown", { known: Object.keys(table).join(", ") });
      continue;
    }
    const [to, type] = row;
    if (type === elsewhere || isAbsent(raw)) continue;
    const value = type.read(raw);
    if (value === undefined) tell(at, "malformed", { found: JSON.stringify(raw), wanted: type.wanted });
    else carried[to] = value;
  }
  return carried;
}

/** The mappings of a list, each with its path; whatever is none is told of. */
export function objects(raw: unknown, path: string, tell: Tell): { source: OldObject; path: string }[] {
  if (isAbsent(raw)) return [];
  if (!Array.isArray(raw)) {
    tell(path, "malformed", { found: JSON.stringify(raw), wanted: "a list" });
    return [];
  }
  return raw.flatMap((item, index) => {
    const at = `${path}[${index}]`;
    if (isObject(item)) return [{ source: item, path: at }];
    tell(at, "malformed", { found: JSON.stringify(item), wanted: "a mapping" });
    return [];
  });
}

export function isObject(value: unknown): value is OldObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nothing after the colon, or YAML's words for it. */
export function isAbsent(raw: unknown): boolean {
  return raw === undefined || raw === null || raw === "" || raw === "~" || raw === "null";
}
