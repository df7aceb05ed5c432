import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";
import {
  type Capability,
  type CapabilityName,
  type CapabilityRow,
  type CapabilityValue,
  capabilityTable,
} from "./capability_table.ts";

const byCode = new Map(
  Object.entries(capabilityTable).map(([name, row]) => [
    row.code as number,
    [name as CapabilityName, row as CapabilityRow<unknown>] as const,
  ]),
);

/** The capabilities of one optional parameter of an OPEN (RFC 5492 §4): code, length, value. */
export function readCapabilities(reader: Reader): Capability[] {
  const capabilities: Capability[] = [];
  while (reader.remaining > 0) {
    const code = reader.u8();
    capabilities.push(decodeCapability(code, reader.bytes(reader.u8())));
  }
  return capabilities;
}

function decodeCapability(code: number, value: Uint8Array): Capability {
  const unknown: Capability = { name: "unknown", code, value: value.slice() };
  const entry = byCode.get(code);
  if (!entry) return unknown;
  const [name, row] = entry;
  try {
    const reader = new Reader(value);
    const decoded = row.decode(reader);
    return reader.remaining === 0 ? ({ name, value: decoded } as Capability) : unknown;
  } catch (error) {
    // RFC 5492 §3 has no error for a value that cannot be read: the capability is as good as absent.
    if (error instanceof ShortReadError) return unknown;
    throw error;
  }
}

export function encodeCapability(capability: Capability): Uint8Array {
  const [code, value] = [capabilityCode(capability), valueBytes(capability)];
  return new Writer(2 + value.length).u8(code).u8(value.length).bytes(value).finish();
}

function valueBytes(capability: Capability): Uint8Array {
  if (capability.name === "unknown") return capability.value;
  return (capabilityTable[capability.name] as CapabilityRow<unknown>).encode(capability.value);
}

export function capabilityCode(capability: Capability): number {
  return capability.name === "unknown" ? capability.code : capabilityTable[capability.name].code;
}

/** In words: `ipv4-unicast`, `4-octet AS`, `capability 128`. */
export function describeCapability(capability: Capability): string {
  if (capability.name === "unknown") return `capability ${capability.code}`;
  return (capabilityTable[capability.name] as CapabilityRow<unknown>).describe(capability.value);
}

/** The values of every capability of that name, in order. */
export function capabilityValues<Name extends CapabilityName>(
  capabilities: readonly Capability[],
  name: Name,
): CapabilityValue<Name>[] {
  return capabilities
    .filter((capability) => capability.name === name)
    .map((capability) => capability.value as CapabilityValue<Name>);
}
