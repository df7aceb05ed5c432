import type { Writer } from "#core/bytes/mod.ts";

/** Octets of marker, length and type, which start every message (RFC 4271 §4.1). */
export const headerLength = 19;
/** RFC 4271 §4: the longest message. */
export const messageLengthMax = 4096;
/** RFC 8654 §2: the longest message except OPEN and KEEPALIVE, where Extended Message was advertised. */
export const extendedMessageLengthMax = 65535;

/** Type code and shortest whole message (RFC 4271 §4.1, RFC 2918 §3). */
export const messageTypes = {
  OPEN: { code: 1, lengthMin: 29 },
  UPDATE: { code: 2, lengthMin: 23 },
  NOTIFICATION: { code: 3, lengthMin: 21 },
  KEEPALIVE: { code: 4, lengthMin: 19 },
  "ROUTE-REFRESH": { code: 5, lengthMin: 23 },
} as const;

export type MessageType = keyof typeof messageTypes;

export function messageTypeOf(code: number): MessageType | undefined {
  for (const [name, row] of Object.entries(messageTypes)) if (row.code === code) return name as MessageType;
  return undefined;
}

/** Marker of all ones, a length to be filled in by {@link finishMessage}, and the type. */
export function writeHeader(writer: Writer, type: MessageType): Writer {
  for (let index = 0; index < 4; index++) writer.u32(0xffffffff);
  return writer.u16(0).u8(messageTypes[type].code);
}

/** Fills in the length of a message that started at the writer's beginning, and gives its bytes. */
export function finishMessage(writer: Writer): Uint8Array {
  writer.patchU16(16, writer.length);
  return writer.finish();
}
