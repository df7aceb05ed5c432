import { Reader, Writer } from "#core/bytes/mod.ts";
import {
  addressFromBytes,
  addressToBytes,
  type IpAddress,
  type Mac,
  macFromBytes,
  macToBytes,
} from "#core/net/mod.ts";
import { etherTypeIpv6, macBytes } from "./ethernet.ts";
import { ipv6Bytes } from "./ipv6_groups.ts";
import {
  messageBytesMin,
  type NdpFault,
  ndpFault,
  ndpHopLimit,
  ndpOffsets,
  type ndpType,
  nextHeaderIcmpv6,
  optionUnitBytes,
  writeNdpChecksum,
} from "./ndp_frame.ts";

export interface NdpOption {
  type: number;
  /** 8n - 2 bytes. */
  value: Uint8Array;
}

export interface NdpFrame {
  destination: Mac;
  source: Mac;
  /** Traffic class and flow label: the lower 28 bits of the first word. */
  trafficClassAndFlow: number;
  sourceAddress: IpAddress;
  destinationAddress: IpAddress;
  type: (typeof ndpType)[keyof typeof ndpType];
  /** All 32 bits; in a solicitation they mean nothing. The named ones are {@link ndpFlag} << 24. */
  flags: number;
  target: IpAddress;
  options: readonly NdpOption[];
  /** What follows the IPv6 packet in the frame. */
  trailer: Uint8Array;
}

/** Reads a frame, or says what is wrong with it. */
export function decodeNdp(frame: Uint8Array): NdpFrame | NdpFault {
  const fault = ndpFault(frame, frame.length);
  if (fault) return fault;
  const reader = new Reader(frame);
  const destination = macFromBytes(reader.bytes(macBytes));
  const source = macFromBytes(reader.bytes(macBytes));
  reader.u16();
  const trafficClassAndFlow = reader.u32() & 0x0fffffff;
  const end = ndpOffsets.type + reader.u16();
  reader.u16();
  const sourceAddress = readAddress(reader);
  const destinationAddress = readAddress(reader);
  const type = reader.u8() as NdpFrame["type"];
  reader.u8();
  reader.u16();
  const flags = reader.u32();
  const target = readAddress(reader);
  const options: NdpOption[] = [];
  while (reader.offset < end)
    options.push({ type: reader.u8(), value: reader.bytes(reader.u8() * optionUnitBytes - 2) });
  return {
    destination,
    source,
    trafficClassAndFlow,
    sourceAddress,
    destinationAddress,
    type,
    flags,
    target,
    options,
    trailer: reader.rest(),
  };
}

/** Writes a frame with its lengths and its checksum. */
export function encodeNdp(frame: NdpFrame): Uint8Array {
  const optionBytes = frame.options.reduce((sum, { value }) => sum + value.length + 2, 0);
  const writer = new Writer(ndpOffsets.options + optionBytes + frame.trailer.length)
    .bytes(macToBytes(frame.destination))
    .bytes(macToBytes(frame.source))
    .u16(etherTypeIpv6)
    .u32(0x60000000 + frame.trafficClassAndFlow)
    .u16(messageBytesMin + optionBytes)
    .u8(nextHeaderIcmpv6)
    .u8(ndpHopLimit)
    .bytes(addressToBytes(frame.sourceAddress))
    .bytes(addressToBytes(frame.destinationAddress))
    .u8(frame.type)
    .u8(0)
    .u16(0)
    .u32(frame.flags)
    .bytes(addressToBytes(frame.target));
  for (const { type, value } of frame.options)
    writer
      .u8(type)
      .u8((value.length + 2) / optionUnitBytes)
      .bytes(value);
  const bytes = writer.bytes(frame.trailer).finish();
  writeNdpChecksum(bytes);
  return bytes;
}

function readAddress(reader: Reader): IpAddress {
  return addressFromBytes(reader.bytes(ipv6Bytes)) as IpAddress;
}
