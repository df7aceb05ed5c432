export type { Cipher, EncryptionVersion } from "./encryption.ts";
export { type FaultCode, faultCodes, WireFault } from "./fault.ts";
export * from "./messages.ts";
export { StreamDecoder, streamBytesMax, streamNodesMax } from "./stream.ts";
export { type OpenedPacket, Wire, type WireOptions } from "./wire.ts";
