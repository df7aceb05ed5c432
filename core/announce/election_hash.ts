import { sha256 } from "#core/bytes/mod.ts";

const encoder = new TextEncoder();

/** MetalLB hashes the ASCII text `node#address` and compares the digests as bytes. */
export function electionHash(node: string, address: string): Uint8Array {
  return sha256(encoder.encode(`${node}#${address}`));
}

/** As bytes.Compare of Go. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
