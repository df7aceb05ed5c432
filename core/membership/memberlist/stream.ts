import { Reader, ShortReadError } from "#core/bytes/mod.ts";
import { type Budget, readCompressed } from "./compress.ts";
import { decrypt } from "./encryption.ts";
import { WireError, WireFault } from "./fault.ts";
import { readFields } from "./fields.ts";
import { guarded } from "./guard.ts";
import { readTypeAfterLabel } from "./label.ts";
import { messageFrom, messageTypeOf, readNodeState } from "./message.ts";
import { messageTable, pushPullHeader, userHeader, wrapperCodes } from "./message_table.ts";
import type { PushNodeState, StreamMessage } from "./messages.ts";
import type { WireOptions } from "./wire.ts";

/**
 * memberlist takes 20 MiB. This is what 4,096 members with the longest names and metadata need, four times what this
 * product is designed for, so that strangers who open connections cannot fill the memory.
 */
export const streamBytesMax = 4 * 1024 * 1024;
export const streamNodesMax = 8192;

/**
 * Reads the one message that a side of a stream says, as its bytes come in pieces. A full state in the clear has no
 * length before it, so what was read of it is kept and not read again: a peer that sends byte by byte costs no more.
 */
export class StreamDecoder {
  readonly #options: WireOptions;
  readonly #label: Uint8Array;
  readonly #isLabelled: boolean;
  #bytes = new Uint8Array(2048);
  #length = 0;
  #offset = 0;
  /** Fewer bytes than this are not worth a look. */
  #wanted = 1;
  #type: number | undefined;
  #states: PushPullReader | undefined;

  constructor(wire: { options: WireOptions; label: Uint8Array }, isLabelled: boolean) {
    this.#options = wire.options;
    this.#label = wire.label;
    this.#isLabelled = isLabelled;
  }

  /** The message when it is complete, the fault when it is not one; undefined: more is to come. */
  push(chunk: Uint8Array): StreamMessage | WireFault | undefined {
    const length = this.#length + chunk.length;
    if (length > streamBytesMax)
      return new WireFault("too-large", `a stream of more than ${streamBytesMax} bytes`);
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
    if (length < this.#wanted) return undefined;
    return guarded(() => this.#attempt());
  }

  #attempt(): StreamMessage | undefined {
    const reader = new Reader(this.#bytes, this.#offset, this.#length);
    try {
      return this.#read(reader);
    } catch (error) {
      if (!(error instanceof ShortReadError)) throw error;
      this.#wanted = this.#length + Math.max(1, error.wanted - error.remaining);
      if (this.#wanted > streamBytesMax)
        throw new WireError("too-large", `a stream of ${this.#wanted} bytes or more`);
      return undefined;
    }
  }

  #read(reader: Reader): StreamMessage {
    if (this.#type === undefined) {
      this.#type = this.#isLabelled ? readTypeAfterLabel(reader, this.#label) : reader.u8();
      this.#offset = reader.offset;
    }
    const { cipher, verifiesIncoming } = this.#options;
    const type = this.#type;
    if (type === wrapperCodes.encrypted) return this.#readEncrypted(reader);
    if (cipher && verifiesIncoming && type !== messageTable.error.code)
      throw new WireError("not-encrypted", "a stream in the clear, where encryption is expected");
    if (type === wrapperCodes.compressed) {
      const message = readCompressed(reader, { bytes: streamBytesMax });
      return whole(() => readWhole(new Reader(message), { bytes: 0 }));
    }
    this.#states ??= new PushPullReader();
    return readTyped(type, reader, this.#states, (offset) => {
      this.#offset = offset;
    });
  }

  /** The type and the length are authenticated too. */
  #readEncrypted(reader: Reader): StreamMessage {
    const { cipher } = this.#options;
    if (!cipher)
      throw new WireError("unexpected-encryption", "an encrypted stream, and there is no key here");
    const length = reader.u32();
    if (length > streamBytesMax) throw new WireError("too-large", `an encrypted message of ${length} bytes`);
    const sealed = reader.sub(length);
    const head = this.#bytes.subarray(this.#offset - 1, this.#offset + 4);
    const associated = Uint8Array.from([...head, ...this.#label]);
    return whole(() => readWhole(new Reader(decrypt(cipher, sealed, associated)), { bytes: streamBytesMax }));
  }
}

/** Inside a message whose end is known, what is missing will not come. */
function whole<Value>(read: () => Value): Value {
  const value = guarded(read);
  if (value instanceof WireFault) throw new WireError(value.code, value.detail);
  return value;
}

function readWhole(reader: Reader, budget: Budget): StreamMessage {
  const type = reader.u8();
  if (type !== wrapperCodes.compressed) return readTyped(type, reader, new PushPullReader(), () => {});
  if (budget.bytes === 0) throw new WireError("too-deep", "compressed twice");
  return readWhole(new Reader(readCompressed(reader, budget)), { bytes: 0 });
}

function readTyped(
  code: number,
  reader: Reader,
  states: PushPullReader,
  keep: (offset: number) => void,
): StreamMessage {
  const type = messageTypeOf(code);
  if (type === "push-pull") return states.read(reader, keep);
  if (type === "user") {
    const { userBytes } = readFields(reader, userHeader);
    return { type, payload: reader.bytes(userBytes as number).slice() };
  }
  if (type !== "ping" && type !== "ack" && type !== "error")
    throw new WireError("unknown-type", `message type ${code} on a stream`);
  return messageFrom(type, readFields(reader, messageTable[type].fields)) as StreamMessage;
}

interface PushPullHeader {
  readonly isJoin: boolean;
  readonly nodes: number;
  readonly userStateBytes: number;
}

/** Header, then one record for each member, then the application's state; goes on where it stopped. */
class PushPullReader {
  #header: PushPullHeader | undefined;
  readonly #nodes: PushNodeState[] = [];

  read(reader: Reader, keep: (offset: number) => void): StreamMessage {
    if (!this.#header) {
      this.#header = readFields(reader, pushPullHeader) as unknown as PushPullHeader;
      keep(reader.offset);
    }
    const { isJoin, nodes, userStateBytes } = this.#header;
    if (nodes > streamNodesMax) throw new WireError("too-large", `a state of ${nodes} members`);
    while (this.#nodes.length < nodes) {
      this.#nodes.push(readNodeState(reader));
      keep(reader.offset);
    }
    const userState = reader.bytes(userStateBytes).slice();
    return { type: "push-pull", isJoin, nodes: this.#nodes, userState };
  }
}
