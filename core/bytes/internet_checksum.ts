/**
 * The sum of RFC 1071 over `bytes[from..to)`, as big-endian 16-bit words, an odd last byte padded with zero, added to
 * `sum`: not folded and not complemented, so that pieces can be summed one after another. Exact for up to 2^37 words.
 */
export function addToChecksum(sum: number, bytes: Uint8Array, from: number, to: number): number {
  let total = sum;
  for (let at = from; at + 1 < to; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return (to - from) % 2 === 0 ? total : total + ((bytes[to - 1] as number) << 8);
}

/** The sum folded into 16 bits. Over a message that carries its right checksum it is 0xffff. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return folded;
}
