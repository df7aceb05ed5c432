import { Reader, Writer } from "#core/bytes/mod.ts";
import { ipv6Bytes } from "./ipv6_groups.ts";

/**
 * What two speakers tell each other when an address moves from one to the other as planned: the old announcer offers it
 * again and again while it goes on answering; the new one claims it as soon as it has announced it, and the old one is
 * silent from then on. A lost message only delays: an offer comes again, and a claim follows each offer.
 */
export const handoverKind = { offer: 1, claim: 2 } as const;
/** What one message of the ring holds. */
export const handoverBytesMax = 1_000;

/**
 * Messages that name the addresses, 4 or 16 bytes each:
 *
 * family u8, 4 or 6 | address 4 or 16; again, up to {@link handoverBytesMax}
 */
export function encodeHandover(addresses: Iterable<Uint8Array>): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let writer = new Writer(handoverBytesMax);
  let length = 0;
  for (const address of addresses) {
    if (length + 1 + address.length > handoverBytesMax) {
      messages.push(writer.finish());
      writer = new Writer(handoverBytesMax);
      length = 0;
    }
    writer.u8(address.length === ipv6Bytes ? 6 : 4).bytes(address);
    length += 1 + address.length;
  }
  if (length > 0) messages.push(writer.finish());
  return messages;
}

/** The addresses, or undefined where the message is not of this form: then none of it is heeded. */
export function decodeHandover(message: Uint8Array): Uint8Array[] | undefined {
  if (message.length > handoverBytesMax) return undefined;
  const addresses: Uint8Array[] = [];
  const reader = new Reader(message);
  while (reader.remaining > 0) {
    const family = reader.u8();
    const length = family === 4 ? 4 : family === 6 ? ipv6Bytes : undefined;
    if (length === undefined || reader.remaining < length) return undefined;
    addresses.push(reader.bytes(length));
  }
  return addresses;
}
