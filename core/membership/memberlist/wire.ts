import { Reader } from "#core/bytes/mod.ts";
import { readCompound } from "./compound.ts";
import { type Budget, compress, readCompressed } from "./compress.ts";
import { crc32 } from "./crc32.ts";
import {
  type Cipher,
  decrypt,
  type EncryptionVersion,
  encrypt,
  encryptedBytes,
  encryptionOverheadBytes,
} from "./encryption.ts";
import { WireError, WireFault } from "./fault.ts";
import { guarded } from "./guard.ts";
import { labelBytesMax, labelHeader, readTypeAfterLabel } from "./label.ts";
import { encodeMessage, readPacketMessage } from "./message.ts";
import { wrapperCodes } from "./message_table.ts";
import type { PacketMessage } from "./messages.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { StreamDecoder } from "./stream.ts";

export interface WireOptions {
  /** Absent: everything is sent and taken in the clear. */
  cipher?: Cipher;
  /** Tells rings on one network apart; MetalLB has none. */
  label?: string;
  /** EnableCompression: datagrams where it shortens them, streams always. What comes in is unfolded in any case. */
  isCompressing: boolean;
  /** GossipVerifyIncoming: what is not encrypted is refused. */
  verifiesIncoming: boolean;
  /** GossipVerifyOutgoing: what is sent is encrypted. */
  verifiesOutgoing: boolean;
  encryptionVersion?: EncryptionVersion;
}

/** What came in one datagram: one bad message among several does not spoil the others. */
export interface OpenedPacket {
  readonly messages: readonly PacketMessage[];
  readonly faults: readonly WireFault[];
}

/** Type and CRC-32. */
export const checksumBytes = 5;
/** A datagram holds little; what it unfolds to stays in proportion. */
const unfoldedBytesMax = 256 * 1024;
/** compound in compressed in compound: memberlist itself nests two. */
const nestingMax = 4;

/** How messages become datagrams and streams of one ring: label, encryption, checksum, compression, compounds. */
export class Wire {
  readonly options: WireOptions;
  readonly label: Uint8Array;
  readonly #header: Uint8Array;

  constructor(options: WireOptions) {
    this.options = options;
    this.label = new TextEncoder().encode(options.label ?? "");
    if (this.label.length > labelBytesMax)
      throw new RangeError(`A label has at most ${labelBytesMax} bytes, not ${this.label.length}`);
    this.#header = labelHeader(this.label);
  }

  /** What goes around the messages of each datagram. */
  get overheadBytes(): number {
    return this.#header.length + (this.#isEncrypting ? encryptionOverheadBytes : 0);
  }

  get #isEncrypting(): boolean {
    return this.options.cipher !== undefined && this.options.verifiesOutgoing;
  }

  /** [label] [encryption] [checksum] [compression] message; a checksum goes to peers of protocol version 5. */
  sealPacket(message: Uint8Array, hasChecksum: boolean): Uint8Array {
    const { cipher, isCompressing, encryptionVersion } = this.options;
    let bytes = message;
    if (isCompressing) {
      const shorter = compress(bytes);
      if (shorter.length < bytes.length) bytes = shorter;
    }
    if (hasChecksum)
      bytes = new MsgpackWriter().byte(wrapperCodes.checksum).u32(crc32(bytes)).append(bytes).finish();
    if (cipher && this.#isEncrypting) bytes = encrypt(cipher, bytes, this.label, encryptionVersion);
    return concat(this.#header, bytes);
  }

  openPacket(datagram: Uint8Array): OpenedPacket {
    const messages: PacketMessage[] = [];
    const faults: WireFault[] = [];
    const body = guarded(() => this.#unwrap(datagram));
    if (body instanceof WireFault) faults.push(body);
    else readMessages(body, messages, faults, { bytes: unfoldedBytesMax }, 0);
    const { cipher } = this.options;
    const [fault] = faults;
    if (fault && cipher === undefined && isLikeEncrypted(datagram.subarray(this.#header.length)))
      return { messages, faults: [new WireFault("unexpected-encryption", fault.detail)] };
    return { messages, faults };
  }

  /** [label, where this side opened the stream] [type 10, length u32, encryption] [compression] message. */
  sealStream(message: Uint8Array, isOpener: boolean): Uint8Array {
    const { cipher, isCompressing, encryptionVersion } = this.options;
    let bytes = isCompressing ? compress(message) : message;
    if (cipher && this.#isEncrypting) {
      const length = encryptedBytes(bytes.length, encryptionVersion);
      const head = new MsgpackWriter().byte(wrapperCodes.encrypted).u32(length).finish();
      bytes = concat(head, encrypt(cipher, bytes, concat(head, this.label), encryptionVersion));
    }
    return isOpener ? concat(this.#header, bytes) : bytes;
  }

  /** Why this side does not take what came on a stream, sealed. */
  refusal(error: string): Uint8Array {
    return this.sealStream(encodeMessage({ type: "error", error }), false);
  }

  /** For what the other side says; where that side opened the stream, a label comes first. */
  streamDecoder(otherOpened: boolean): StreamDecoder {
    return new StreamDecoder(this, otherOpened);
  }

  #unwrap(datagram: Uint8Array): Uint8Array {
    const reader = new Reader(datagram);
    readTypeAfterLabel(reader, this.label);
    const body = datagram.subarray(reader.offset - 1);
    const { cipher, verifiesIncoming } = this.options;
    if (!cipher) return withoutChecksum(body);
    const plain = guarded(() => decrypt(cipher, new Reader(body), this.label));
    if (!(plain instanceof WireFault)) return withoutChecksum(plain);
    if (!verifiesIncoming) return withoutChecksum(body);
    throw isPlain(body)
      ? new WireError("not-encrypted", "in the clear, where encryption is expected")
      : new WireError(plain.code, plain.detail);
  }
}

function readMessages(
  bytes: Uint8Array,
  messages: PacketMessage[],
  faults: WireFault[],
  budget: Budget,
  nesting: number,
): void {
  const fault = guarded(() => {
    if (nesting > nestingMax) throw new WireError("too-deep", `messages nested deeper than ${nestingMax}`);
    if (bytes[0] === wrapperCodes.compound) {
      for (const part of readCompound(bytes.subarray(1)))
        readMessages(part, messages, faults, budget, nesting + 1);
    } else if (bytes[0] === wrapperCodes.compressed) {
      const unfolded = readCompressed(new Reader(bytes, 1), budget);
      readMessages(unfolded, messages, faults, budget, nesting + 1);
    } else messages.push(readPacketMessage(bytes));
  });
  if (fault) faults.push(fault);
}

/** type 12 | CRC-32 of the rest, u32 | the rest */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== wrapperCodes.checksum || bytes.length < checksumBytes) return bytes;
  const reader = new Reader(bytes, 1);
  const expected = reader.u32();
  const rest = reader.rest();
  if (crc32(rest) !== expected) throw new WireError("bad-checksum", "a datagram whose checksum is wrong");
  return rest;
}

/** To tell a peer without a key from one with another key. */
function isPlain(bytes: Uint8Array): boolean {
  const faults: WireFault[] = [];
  const messages: PacketMessage[] = [];
  const body = guarded(() => withoutChecksum(bytes));
  if (body instanceof WireFault) return false;
  readMessages(body, messages, faults, { bytes: unfoldedBytesMax }, 0);
  return messages.length > 0 && faults.length === 0;
}

/** The version of an encryption, and then no map, which every ping in the clear is. */
function isLikeEncrypted(bytes: Uint8Array): boolean {
  const [version = 2, next = 0x80] = bytes;
  return bytes.length > encryptionOverheadBytes && version <= 1 && next >> 4 !== 8;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
