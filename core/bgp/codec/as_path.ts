import { type Reader, Writer } from "#core/bytes/mod.ts";
import { bgpError } from "./error.ts";

/** RFC 6793 §9: stands for an AS number that does not fit into two octets. */
export const AS_TRANS = 23456;

const segmentTypes = { AS_SET: 1, AS_SEQUENCE: 2, AS_CONFED_SEQUENCE: 3, AS_CONFED_SET: 4 } as const;

export interface AsPathSegment {
  readonly type: keyof typeof segmentTypes;
  /** 1 to 255 AS numbers. */
  readonly asns: readonly number[];
}

/** Leftmost is the nearest AS; an empty path never left its AS. */
export type AsPath = readonly AsPathSegment[];

/** Segments of: type (1 octet), number of ASes (1 octet), the ASes (2 or 4 octets each). */
export function readAsPath(reader: Reader, asnOctets: 2 | 4): AsPath {
  const segments: AsPathSegment[] = [];
  while (reader.remaining > 0) {
    const code = reader.u8();
    const type = Object.entries(segmentTypes).find(([, value]) => value === code)?.[0];
    if (!type) throw malformed(`segment type ${code}; known are 1 to 4`);
    const count = reader.u8();
    if (count === 0) throw malformed("a segment without AS numbers");
    const asns: number[] = [];
    const body = reader.sub(count * asnOctets);
    while (body.remaining > 0) asns.push(asnOctets === 4 ? body.u32() : body.u16());
    segments.push({ type: type as AsPathSegment["type"], asns });
  }
  return segments;
}

function malformed(detail: string): Error {
  return bgpError("UPDATE Message Error", "Malformed AS_PATH", detail);
}

export function asPathBytes(path: AsPath, asnOctets: 2 | 4): Uint8Array {
  const length = path.reduce((sum, segment) => sum + 2 + segment.asns.length * asnOctets, 0);
  const writer = new Writer(length);
  for (const segment of path) {
    writer.u8(segmentTypes[segment.type]).u8(segment.asns.length);
    for (const asn of segment.asns) {
      if (asnOctets === 4) writer.u32(asn);
      else writer.u16(toTwoOctets(asn));
    }
  }
  return writer.finish();
}

export function toTwoOctets(asn: number): number {
  return asn > 0xffff ? AS_TRANS : asn;
}

export function isConfederation(segment: AsPathSegment): boolean {
  return segment.type === "AS_CONFED_SEQUENCE" || segment.type === "AS_CONFED_SET";
}

/** RFC 6793 §4.2.2: the AS4_PATH that goes with a path sent in two octets; undefined where none is needed. */
export function as4PathFor(path: AsPath): AsPath | undefined {
  const real = path.filter((segment) => !isConfederation(segment));
  return real.some((segment) => segment.asns.some((asn) => asn > 0xffff)) ? real : undefined;
}

/** RFC 6793 §4.2.3: the true path from the AS_PATH and AS4_PATH of a peer that speaks two octets only. */
export function mergeAs4Path(path: AsPath, as4Path: AsPath): AsPath {
  let missing = pathLength(path) - pathLength(as4Path);
  if (missing < 0) return path;
  const leading: AsPathSegment[] = [];
  for (const segment of path) {
    if (isConfederation(segment)) {
      leading.push(segment);
      continue;
    }
    if (missing <= 0) break;
    if (segment.type === "AS_SEQUENCE" && segment.asns.length > missing) {
      return joinAt({ type: "AS_SEQUENCE", asns: segment.asns.slice(0, missing) }, leading, as4Path);
    }
    leading.push(segment);
    missing -= pathLength([segment]);
  }
  return [...leading, ...as4Path];
}

/** Puts the cut sequence before AS4_PATH, as one with its first sequence where both fit into 255 AS numbers. */
function joinAt(cut: AsPathSegment, leading: AsPath, as4Path: AsPath): AsPath {
  const [first, ...rest] = as4Path;
  if (first?.type !== "AS_SEQUENCE" || first.asns.length + cut.asns.length > 255) {
    return [...leading, cut, ...as4Path];
  }
  return [...leading, { type: "AS_SEQUENCE", asns: [...cut.asns, ...first.asns] }, ...rest];
}

/** RFC 4271 §9.1.2.2 a: a set counts as one; RFC 5065 §5.3: confederation segments do not count. */
export function pathLength(path: AsPath): number {
  return path.reduce(
    (sum, segment) =>
      sum + (isConfederation(segment) ? 0 : segment.type === "AS_SET" ? 1 : segment.asns.length),
    0,
  );
}

/** `64512 64513 {1,2}`, confederation segments in parentheses; `empty` where the route never left its AS. */
export function formatAsPath(path: AsPath): string {
  if (path.length === 0) return "empty";
  return path
    .map(({ type, asns }) => {
      if (type === "AS_SEQUENCE") return asns.join(" ");
      if (type === "AS_SET") return `{${asns.join(",")}}`;
      return type === "AS_CONFED_SEQUENCE" ? `(${asns.join(" ")})` : `[${asns.join(",")}]`;
    })
    .join(" ");
}
