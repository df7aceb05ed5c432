import { assemble } from "./bpf.ts";
import { ofThisInterface, wholePacket } from "./bpf_parts.ts";

const etherTypeIpv6 = 0x86dd;
const icmpv6 = 58;
/** RFC 4861 §6.1: not from beyond the link. */
const hopLimit = 255;
const solicitation = 133;
const advertisement = 134;
/** Offsets in an Ethernet frame with an IPv6 header and no extension headers. */
const at = { etherType: 12, nextHeader: 20, hopLimit: 21, type: 54 };

/** Router Solicitations and Advertisements of this very interface, from this link (RFC 4861). */
export function routerFilter(interfaceIndex: number): Uint8Array {
  return assemble([
    ...ofThisInterface(interfaceIndex, "drop"),
    { load: 2, at: at.etherType },
    { ifEqual: etherTypeIpv6, otherwise: "drop" },
    { load: 1, at: at.nextHeader },
    { ifEqual: icmpv6, otherwise: "drop" },
    { load: 1, at: at.hopLimit },
    { ifEqual: hopLimit, otherwise: "drop" },
    { load: 1, at: at.type },
    { ifEqual: solicitation, matched: "keep" },
    { ifEqual: advertisement, matched: "keep" },
    { label: "drop" },
    { keep: 0 },
    { label: "keep" },
    { keep: wholePacket },
  ]);
}
