import { forbidden, invalid, notSupported, tooLong } from "../field_error.ts";
import type { WriteOptions } from "../operations/mod.ts";
import { badRequest, invalidObject } from "../status_error.ts";

/** What a write may say in its query. Warnings go to `warn`. */
export function writeOptions(query: URLSearchParams, warn: (text: string) => void): WriteOptions {
  const validation = query.get("fieldValidation") ?? "";
  if (validation !== "" && validation !== "Strict" && validation !== "Warn" && validation !== "Ignore") {
    const allowed = ["Ignore", "Strict", "Warn"];
    throw invalidObject(options("CreateOptions"), "", [notSupported("fieldValidation", validation, allowed)]);
  }
  return { dryRun: isDryRun(query.getAll("dryRun")), fieldValidation: validation || "Warn", warn };
}

/** Longer names are refused (apimachinery `FieldManagerMaxLength`). */
const fieldManagerCharactersMax = 128;

/** Who writes: as the query says, or else the first word of the user agent, up to the slash. */
export function fieldManagerOf(query: URLSearchParams, userAgent: string | null): string {
  const named = query.get("fieldManager") ?? "";
  if ([...named].length > fieldManagerCharactersMax) {
    throw invalidObject(options("PatchOptions"), "", [tooLong("fieldManager", fieldManagerCharactersMax)]);
  }
  if (!/^\P{C}*$/u.test(named)) {
    const error = invalid("fieldManager", named, "should only contain printable characters");
    throw invalidObject(options("PatchOptions"), "", [error]);
  }
  const word = (userAgent ?? "").split("/", 1)[0]?.replace(/\p{C}/gu, "") ?? "";
  return named || [...word].slice(0, fieldManagerCharactersMax).join("") || "unknown";
}

/** Whether an apply takes over what others own; any other patch has nothing to force. */
export function isForced(query: URLSearchParams, isApply: boolean): boolean {
  const forced = isTrue(query, "force");
  if (query.has("force") && !isApply) {
    const error = forbidden("force", "may not be specified for non-apply patch");
    throw invalidObject(options("PatchOptions"), "", [error]);
  }
  return forced;
}

export function isDryRun(values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All");
  if (wrong === undefined) return values.length > 0;
  throw invalidObject(options("DeleteOptions"), "", [notSupported("dryRun", wrong, ["All"])]);
}

export function isTrue(query: URLSearchParams, key: string): boolean {
  const value = query.get(key);
  return value === "true" || value === "1" || value === "";
}

/** A whole number that is not negative; 0 where absent. */
export function count(query: URLSearchParams, key: string): number {
  const value = query.get(key);
  if (value === null || value === "") return 0;
  if (/^\d+$/.test(value)) return Number(value);
  throw badRequest(`${key}: ${JSON.stringify(value)} is not a whole number`);
}

/** Undefined for none and for "0", which any moment satisfies. */
export function revision(query: URLSearchParams): number | undefined {
  const value = query.get("resourceVersion") ?? "";
  if (value === "" || value === "0") return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  const error = invalid("resourceVersion", value, "must be a number that an answer of this server gave");
  throw invalidObject(options("ListOptions"), "", [error]);
}

export function options(kind: string) {
  return { group: "meta.k8s.io", plural: "", kind };
}
