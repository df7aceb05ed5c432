import type { FieldReader } from "./field_reader.ts";
import type { CommunityText } from "./types.ts";

const forms = "write it as A:B with numbers up to 65535, or as large:X:Y:Z with numbers up to 4294967295";

/** RFC 1997 `A:B` or RFC 8092 `large:X:Y:Z` in canonical form, or what is wrong with the text. */
export function parseCommunity(text: string): { value: CommunityText } | { wrong: string } {
  const parts = text.split(":");
  const isLarge = parts.length === 4;
  if (!isLarge && parts.length !== 2) return { wrong: `"${text}" is not a BGP community; ${forms}` };
  if (isLarge && parts[0] !== "large") {
    return { wrong: `"${text}" begins with "${parts[0]}", but four parts begin with "large"; ${forms}` };
  }
  const numbers = isLarge ? parts.slice(1) : parts;
  const max = isLarge ? 0xffff_ffff : 0xffff;
  const bad = numbers.find((part) => !/^\d{1,12}$/.test(part) || Number(part) > max);
  if (bad !== undefined) return { wrong: `"${text}" has "${bad}", which is not a number from 0 to ${max}` };
  return { value: `${isLarge ? "large:" : ""}${numbers.map(Number).join(":")}` };
}

export interface Alias {
  readonly name: string;
  readonly value: CommunityText;
  readonly path: string;
}

/** The aliases of one Community object. */
export function parseAliases(spec: FieldReader): Alias[] {
  const aliases: Alias[] = [];
  for (const entry of spec.objects("communities")) {
    const name = entry.text("name");
    if (name === "") entry.report(entry.at("name"), "community.name-missing", "the alias has no name");
    const first = aliases.find((alias) => alias.name === name);
    if (first) {
      const sentence = `"${name}" is already defined at ${first.path}; each alias may be defined once`;
      entry.report(entry.at("name"), "community.duplicate", sentence);
    }
    const text = entry.text("value");
    const parsed = parseCommunity(text);
    if ("wrong" in parsed) entry.report(entry.at("value"), "community.malformed", parsed.wrong);
    else aliases.push({ name, value: parsed.value, path: entry.at("name") });
  }
  return aliases;
}
