/**
 * BGP communities: RFC 1997 `A:B`, and RFC 8092 `large:X:Y:Z` in MetalLB's spelling. Every well-known community is
 * just a value, as in MetalLB (`65535:65281` is NO_EXPORT).
 */
export type Community = StandardCommunity | LargeCommunity;

export interface StandardCommunity {
  readonly kind: "standard";
  /** A in the upper, B in the lower 16 bits. */
  readonly value: number;
}

export interface LargeCommunity {
  readonly kind: "large";
  readonly globalAdministrator: number;
  readonly localData1: number;
  readonly localData2: number;
}

/** Reads `A:B` (each 0..65535) or `large:X:Y:Z` (each 0..4294967295), decimal; undefined for anything else. */
export function parseCommunity(text: string): Community | undefined {
  const parts = text.split(":");
  if (parts.length === 2) {
    const [a, b] = parts.map((part) => parseDecimal(part, 0xffff));
    return a === undefined || b === undefined ? undefined : { kind: "standard", value: a * 0x10000 + b };
  }
  if (parts.length !== 4 || parts[0] !== "large") return undefined;
  const [x, y, z] = parts.slice(1).map((part) => parseDecimal(part, 0xffffffff));
  if (x === undefined || y === undefined || z === undefined) return undefined;
  return { kind: "large", globalAdministrator: x, localData1: y, localData2: z };
}

function parseDecimal(text: string, max: number): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

export function formatCommunity(community: Community): string {
  if (community.kind === "standard") return `${community.value >>> 16}:${community.value & 0xffff}`;
  return `large:${community.globalAdministrator}:${community.localData1}:${community.localData2}`;
}
