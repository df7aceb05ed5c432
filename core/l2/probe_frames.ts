import { addressFromBytes, broadcastMac, type IpAddress, type Mac, macFromBytes } from "#core/net/mod.ts";
import { arpOperation, encodeArp, type Ipv4Number } from "./arp.ts";
import { ipv6Bytes, solicitedNodeGroup } from "./ipv6_groups.ts";
import { encodeNdp } from "./ndp.ts";
import { ndpOptionType, ndpType } from "./ndp_frame.ts";

/** Asks everybody for an address without saying that one has it, so that no cache changes (RFC 5227 §2.1.1). */
export function arpProbe(mac: Mac, address: Ipv4Number): Uint8Array {
  return encodeArp({
    destination: broadcastMac,
    source: mac,
    operation: arpOperation.request,
    senderMac: mac,
    senderAddress: 0,
    targetMac: "00:00:00:00:00:00",
    targetAddress: address,
    trailer: new Uint8Array(0),
  });
}

/**
 * Asks for an IPv6 address from the unspecified one, in its solicited-node group (RFC 4862 §5.4.2), with a nonce by
 * which the question is known again where a switch sends it back (RFC 7527 §4.1).
 */
export function ndpProbe(mac: Mac, target: Uint8Array, nonce: Uint8Array): Uint8Array {
  const group = solicitedNodeGroup(target);
  // RFC 2464 §7: 33:33 and the group's last four bytes.
  const destination = macFromBytes(Uint8Array.from([0x33, 0x33, ...group.subarray(ipv6Bytes - 4)]));
  return encodeNdp({
    destination,
    source: mac,
    trafficClassAndFlow: 0,
    sourceAddress: { family: "ipv6", value: 0n },
    destinationAddress: addressFromBytes(group) as IpAddress,
    type: ndpType.solicitation,
    flags: 0,
    target: addressFromBytes(target) as IpAddress,
    options: [{ type: ndpOptionType.nonce, value: nonce }],
    trailer: new Uint8Array(0),
  });
}
