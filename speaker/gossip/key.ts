import { createHash } from "node:crypto";

/**
 * The ring's AES-256 key as MetalLB derives it. It asks Go's hash for `Sum(secret)`, which appends the digest of
 * nothing to the secret, and keeps 32 bytes: so it is the secret's text followed by SHA-256(""), not a hash of the
 * secret. A shorter key would be no ring with MetalLB's speakers; only the first 32 bytes of a long secret count.
 */
export function gossipKey(secret: Uint8Array): Uint8Array {
  const digestOfNothing = createHash("sha256").digest();
  return new Uint8Array(Buffer.concat([secret, digestOfNothing]).subarray(0, 32));
}
