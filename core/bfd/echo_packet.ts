import { Reader, Writer } from "#core/bytes/mod.ts";

export const echoPayloadBytes = 16;
/** "BFDe": what comes to the port and is not ours is left alone. */
const magic = 0x42464465;

/** RFC 5880 §5: an Echo packet's content concerns its sender only. */
export interface EchoPacket {
  /** Which session it is of. */
  readonly localDiscr: number;
  /** Random for each session: others cannot make one up. */
  readonly secret: number;
  readonly sequence: number;
}

/** magic u32 | local discriminator u32 | secret u32 | sequence u32 */
export function encodeEchoPacket({ localDiscr, secret, sequence }: EchoPacket): Uint8Array {
  return new Writer(echoPayloadBytes).u32(magic).u32(localDiscr).u32(secret).u32(sequence).finish();
}

/** Undefined for what is not ours. */
export function decodeEchoPacket(payload: Uint8Array): EchoPacket | undefined {
  if (payload.length !== echoPayloadBytes) return undefined;
  const reader = new Reader(payload);
  if (reader.u32() !== magic) return undefined;
  return { localDiscr: reader.u32(), secret: reader.u32(), sequence: reader.u32() };
}
