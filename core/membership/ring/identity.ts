import { sha256 } from "#core/bytes/mod.ts";

/** One run of a speaker's process: 48 random bits, never 0. */
export type Boot = number;

/**
 * A node's place in the ring, and its name inside datagrams: the first 48 bits of the SHA-256 of its name. Who reads
 * one knows the names of all speakers, so every list of nodes has entries of one length. Two of 1,000 nodes share an id
 * with a chance of 2 in a billion.
 */
export type NodeId = number;

/** Above every {@link NodeId}. */
export const idsEnd = 2 ** 48;

export function nodeId(name: string): NodeId {
  const digest = sha256(new TextEncoder().encode(name));
  return digest.subarray(0, 6).reduce((id, byte) => id * 256 + byte, 0);
}
