import type { Family } from "#core/net/mod.ts";
import { assemble } from "./bpf.ts";
import { wholePacket } from "./bpf_parts.ts";

/** Loads from here are relative to the IP header, where the socket's own packets begin at UDP's. */
const SKF_NET_OFF = 0xfff00000;
/** A random number, new for each load. */
const bpfRandom = 0xfffff000 + 56;
const ttlOffsets = { ipv4: 8, ipv6: 7 };
/** Of this many that come from too far away, one is let through. */
const oneOf = 64;

/**
 * RFC 5082: drops in the kernel what arrives with a lower TTL, so that a flood from afar costs the thread next to
 * nothing. IP_MINTTL does nothing for UDP. Now and then one comes through, to be counted and told of by its reader.
 */
export function ttlFilter(family: Family, minimumTtl: number): Uint8Array {
  return assemble([
    { load: 1, at: SKF_NET_OFF + ttlOffsets[family] },
    { ifAtLeast: minimumTtl, matched: "keep" },
    { load: 4, at: bpfRandom },
    { and: oneOf - 1 },
    { ifEqual: 0, matched: "keep" },
    { keep: 0 },
    { label: "keep" },
    { keep: wholePacket },
  ]);
}
