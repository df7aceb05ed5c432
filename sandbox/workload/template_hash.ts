const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * The value of the label `pod-template-hash`: FNV-32a of the template, in the letters that Kubernetes allows itself in
 * names (`rand.SafeEncodeString`: no vowels, so no words). Kubernetes hashes Go's dump of the template; here it is JSON
 * with sorted keys, so the same template gives another hash than in a real cluster, and always the same one here.
 */
export function templateHash(template: unknown): string {
  return safeText(String(fnv32a(canonicalJson(template))));
}

/** Each character becomes one of the 27 that are safe, as `rand.SafeEncodeString` does it. */
function safeText(value: string): string {
  return Array.from(value, (character) => alphabet[character.charCodeAt(0) % alphabet.length]).join("");
}

/** The five characters after the last dash of a generated name; `random` gives 0 <= x < 1. */
export function nameSuffix(random: () => number): string {
  return Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}

function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** JSON with the keys of every object sorted, and without nulls: what is left out and what is null say the same. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null) return undefined;
    if (typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part as object).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
