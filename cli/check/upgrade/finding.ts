import { type FindingCode, findingTexts, type Verdict } from "./texts.ts";

/** One thing that was found, and what its sentence speaks of. */
export interface Finding {
  readonly code: FindingCode;
  readonly values: Readonly<Record<string, string | number>>;
}

export function finding(code: FindingCode, values: Finding["values"] = {}): Finding {
  return { code, values };
}

export function verdictOf({ code }: Finding): Verdict {
  return findingTexts[code].verdict;
}

/** What was found and what to do, in words. */
export function wordsOf({ code, values }: Finding, language: "en" | "ko"): { found: string; toDo?: string } {
  const [found, toDo]: readonly [string, string?] = findingTexts[code][language];
  return { found: fill(found, values), ...(toDo !== undefined && { toDo: fill(toDo, values) }) };
}

function fill(text: string, values: Finding["values"]): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const namedMax = 8;

/** A list in a sentence, cut where it gets long. */
export function named(names: readonly string[]): string {
  const first = names.slice(0, namedMax).join(", ");
  return names.length > namedMax ? `${first}, … (${names.length})` : first;
}
