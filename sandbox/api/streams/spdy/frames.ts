/** Control frames that a tunnel needs (SPDY Protocol Draft 3 §2.6). */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const;

/** Status codes of RST_STREAM (§2.6.3). */
export const resetStatus = { protocolError: 1, refusedStream: 3, cancel: 5, internalError: 6 } as const;

/** This side sends no more on the stream. */
export const flagFin = 0x01;

const version = 3;
export const frameHeaderBytes = 8;

/** A frame as it came, the body not looked into. */
export type Frame =
  | { readonly isControl: true; readonly type: number; readonly flags: number; readonly body: Buffer }
  | { readonly isControl: false; readonly streamId: number; readonly flags: number; readonly body: Buffer };

/** The first whole frame, if there is one; throws on a version that is not ours and on a frame that is too long. */
export function readFrame(bytes: Buffer, bodyBytesMax: number): { frame: Frame; length: number } | undefined {
  if (bytes.length < frameHeaderBytes) return undefined;
  const word = bytes.readUInt32BE(0);
  const flags = bytes.readUInt8(4);
  const bodyLength = bytes.readUIntBE(5, 3);
  if (bodyLength > bodyBytesMax) throw new Error(`a SPDY frame of ${bodyLength} bytes is too long`);
  const length = frameHeaderBytes + bodyLength;
  if (bytes.length < length) return undefined;
  const body = bytes.subarray(frameHeaderBytes, length);
  if (word < 0x8000_0000) return { frame: { isControl: false, streamId: word, flags, body }, length };
  if (((word >>> 16) & 0x7fff) !== version) throw new Error("a SPDY frame of another version than 3");
  return { frame: { isControl: true, type: word & 0xffff, flags, body }, length };
}

//  +----------------------------------+
//  |1|   Version = 3   |     Type     |
//  +----------------------------------+
//  | Flags (8)  |  Length (24 bits)   |
//  +----------------------------------+
export function controlFrame(type: number, flags: number, body: Uint8Array): Buffer {
  return frame(0x8000_0000 + version * 0x1_0000 + type, flags, body);
}

/** The first bit is 0, the stream's id follows. */
export function dataFrame(streamId: number, flags: number, body: Uint8Array): Buffer {
  return frame(streamId, flags, body);
}

function frame(word: number, flags: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + body.length);
  bytes.writeUInt32BE(word, 0);
  bytes.writeUInt8(flags, 4);
  bytes.writeUIntBE(body.length, 5, 3);
  bytes.set(body, frameHeaderBytes);
  return bytes;
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
