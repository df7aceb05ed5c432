import { Reader } from "#core/bytes/mod.ts";
import { guarded } from "./guard.ts";
import { type MsgpackValue, readMsgpack } from "./msgpack.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** memberlist's limit. */
export const metadataBytesMax = 512;

/** What a speaker of this product says of itself beside its name and address; MetalLB's says nothing. */
export interface SpeakerMetadata {
  /** Version of what only our speakers do among themselves. */
  readonly capability: number;
  /** UDP port of the ring of watchers. */
  readonly fastPort: number;
}

export const capabilityVersion = 1;

/** A MessagePack map { "mlbt": capability, "fast": port }: room for more, and readable to others. */
export function encodeMetadata({ capability, fastPort }: SpeakerMetadata): Uint8Array {
  return new MsgpackWriter().map(2).text("mlbt").uint(capability).text("fast").uint(fastPort).finish();
}

/** Undefined: not one of our speakers, or one that says it wrongly. */
export function decodeMetadata(bytes: Uint8Array): SpeakerMetadata | undefined {
  if (bytes.length === 0 || bytes.length > metadataBytesMax) return undefined;
  const map = guarded(() => readMsgpack(new Reader(bytes)));
  if (!(map instanceof Map)) return undefined;
  const [capability, fastPort] = [map.get("mlbt"), map.get("fast")];
  if (!isWhole(capability, 0xffff) || !isWhole(fastPort, 0xffff)) return undefined;
  return { capability, fastPort };
}

function isWhole(value: MsgpackValue | undefined, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
}
