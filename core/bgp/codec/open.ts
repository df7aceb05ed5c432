import { assert, Reader, Writer } from "#core/bytes/mod.ts";
import { encodeCapability, readCapabilities } from "./capabilities.ts";
import type { Capability } from "./capability_table.ts";
import { bgpError } from "./error.ts";
import { finishMessage, headerLength, writeHeader } from "./header.ts";
import type { OpenMessage } from "./messages.ts";

const VERSION = 4;
const CAPABILITIES_PARAMETER = 2;
/** RFC 9072 §2: a first parameter of this type says that lengths have two octets. */
const EXTENDED_PARAMETERS = 255;

/**
 * Reads the body of an OPEN (RFC 4271 §4.2):
 *
 *   version (1) | my AS (2) | hold time (2) | BGP identifier (4) | length of parameters (1) | parameters
 */
export function decodeOpen(body: Reader): OpenMessage {
  const version = body.u8();
  if (version !== VERSION) {
    const supported = Uint8Array.of(0, VERSION);
    const detail = `version ${version}; ours is ${VERSION}`;
    throw bgpError("OPEN Message Error", "Unsupported Version Number", detail, supported);
  }
  const myAS = body.u16();
  const holdTimeSeconds = body.u16();
  const bgpIdentifier = body.u32();
  const length = body.u8();
  const capabilities = decodeParameters(length, body.rest());
  return { type: "OPEN", myAS, holdTimeSeconds, bgpIdentifier, capabilities };
}

/** Parameters of: type (1) | length (1, or 2 by RFC 9072) | value. */
function decodeParameters(length: number, bytes: Uint8Array): Capability[] {
  const reader = new Reader(bytes);
  let claimed = length;
  const isExtended = length > 0 && bytes[0] === EXTENDED_PARAMETERS;
  if (isExtended) {
    reader.u8();
    claimed = reader.u16();
  }
  if (claimed !== reader.remaining) {
    const detail = `optional parameters of ${claimed} octets are announced, ${reader.remaining} follow`;
    throw bgpError("OPEN Message Error", "Unspecific", detail);
  }
  const capabilities: Capability[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8();
    const value = reader.sub(isExtended ? reader.u16() : reader.u8());
    if (type !== CAPABILITIES_PARAMETER) {
      const detail = `optional parameter ${type}; known is ${CAPABILITIES_PARAMETER} (capabilities)`;
      throw bgpError("OPEN Message Error", "Unsupported Optional Parameter", detail);
    }
    capabilities.push(...readCapabilities(value));
  }
  return capabilities;
}

/** Writes an OPEN with its capabilities in one parameter; ours never come near the limit of 253 octets. */
export function encodeOpen(open: OpenMessage): Uint8Array {
  const capabilities = open.capabilities.map(encodeCapability);
  const length = capabilities.reduce((sum, bytes) => sum + bytes.length, 0);
  assert(length <= 253, "the capabilities we send fit into one optional parameter");
  const writer = writeHeader(new Writer(headerLength + 12 + length), "OPEN")
    .u8(VERSION)
    .u16(open.myAS)
    .u16(open.holdTimeSeconds)
    .u32(open.bgpIdentifier);
  if (length === 0) return finishMessage(writer.u8(0));
  writer
    .u8(length + 2)
    .u8(CAPABILITIES_PARAMETER)
    .u8(length);
  for (const bytes of capabilities) writer.bytes(bytes);
  return finishMessage(writer);
}
