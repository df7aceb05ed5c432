import {
  type AddressFamily,
  AS_TRANS,
  bgpError,
  type Capability,
  capabilityValues,
  describeCapability,
  encodeCapability,
  familyName,
  ipv4Unicast,
  ipv6Unicast,
  type OpenMessage,
  sameFamily,
} from "../codec/mod.ts";
import type { GracefulRestartParameters, Negotiated, SessionParameters } from "./session.ts";

/** What we offer. Extended Message is only an offer to receive: we never send more than 4,096 octets. */
export function localCapabilities({
  localAS,
  families,
  extendedNextHop,
  gracefulRestart,
}: SessionParameters): Capability[] {
  return [
    ...families.map((value): Capability => ({ name: "Multiprotocol", value })),
    { name: "RouteRefresh", value: true },
    ...(extendedNextHop ? [{ name: "ExtendedNextHop" as const, value: [ipv4OverIpv6] }] : []),
    { name: "ExtendedMessage", value: true },
    ...(gracefulRestart ? [restartCapability(gracefulRestart, families)] : []),
    { name: "FourOctetAs", value: localAS },
  ];
}

/** RFC 8950 §4: an IPv4 unicast route may have a next hop of AFI 2. */
const ipv4OverIpv6 = { ...ipv4Unicast, nextHopAfi: ipv6Unicast.afi };

/** Forwarding is the kernel's: it never stops with us, so that it is preserved in every family. */
function restartCapability(
  { restartTimeSeconds, hasRestarted }: GracefulRestartParameters,
  families: readonly AddressFamily[],
): Capability {
  const value = {
    hasRestarted,
    survivesNotification: false,
    restartTimeSeconds,
    families: families.map((family) => ({ ...family, forwardingPreserved: true })),
  };
  return { name: "GracefulRestart", value };
}

/** RFC 4271 §4.2, RFC 6793 §4.2.1 */
export function openMessage(parameters: SessionParameters, bgpIdentifier: number): OpenMessage {
  return {
    type: "OPEN",
    myAS: parameters.localAS > 0xffff ? AS_TRANS : parameters.localAS,
    holdTimeSeconds: Math.floor(parameters.holdTimeMs / 1000),
    bgpIdentifier,
    capabilities: localCapabilities(parameters),
  };
}

/** Checks the peer's OPEN (RFC 4271 §6.2) and gives what both sides agree on; throws the NOTIFICATION to send. */
export function negotiate(
  parameters: SessionParameters,
  bgpIdentifier: number,
  open: OpenMessage,
): Negotiated {
  const theirs = open.capabilities;
  const fourOctetAs = capabilityValues(theirs, "FourOctetAs")[0];
  const peerAS = fourOctetAs ?? open.myAS;
  const isExternal = peerAS !== parameters.localAS;
  checkPeerAS(parameters, peerAS);
  if (open.bgpIdentifier === 0 || (!isExternal && open.bgpIdentifier === bgpIdentifier)) {
    // RFC 6286 §2.2: not zero, and unique within the AS.
    const detail =
      open.bgpIdentifier === 0 ? "the identifier is 0.0.0.0" : "the peer's identifier equals ours";
    throw bgpError("OPEN Message Error", "Bad BGP Identifier", detail);
  }
  if (open.holdTimeSeconds === 1 || open.holdTimeSeconds === 2) {
    const detail = `hold time ${open.holdTimeSeconds} s; allowed are 0 and 3 s or more`;
    throw bgpError("OPEN Message Error", "Unacceptable Hold Time", detail);
  }
  const holdTimeMs = Math.min(parameters.holdTimeMs, open.holdTimeSeconds * 1000);
  const thirdMs = holdTimeMs / 3;
  return {
    peerAS,
    isExternal,
    peerIdentifier: open.bgpIdentifier,
    holdTimeMs,
    // A keepalive time of zero beside a hold time would end every session.
    keepaliveTimeMs: Math.min(parameters.keepaliveTimeMs || thirdMs, thirdMs),
    fourOctetAs: fourOctetAs !== undefined,
    extendedMessage: capabilityValues(theirs, "ExtendedMessage").length > 0,
    routeRefresh: capabilityValues(theirs, "RouteRefresh").length > 0,
    families: commonFamilies(parameters, theirs),
    extendedNextHop: parameters.extendedNextHop === true && offersExtendedNextHop(theirs),
    gracefulRestart:
      parameters.gracefulRestart !== undefined && capabilityValues(theirs, "GracefulRestart").length > 0,
    capabilities: inBoth(localCapabilities(parameters), theirs),
  };
}

function checkPeerAS({ localAS, peerAS: wanted }: SessionParameters, peerAS: number): void {
  const isWanted =
    wanted === "internal"
      ? peerAS === localAS
      : wanted === "external"
        ? peerAS !== localAS
        : peerAS === wanted;
  if (isWanted && peerAS !== 0) return;
  const allowed =
    typeof wanted === "number"
      ? `${wanted} is expected`
      : `${wanted === "internal" ? "the same as ours" : "another than ours"}, ${localAS}, is expected`;
  const octets = [24, 16, 8, 0].map((shift) => (peerAS >>> shift) & 0xff);
  throw bgpError(
    "OPEN Message Error",
    "Bad Peer AS",
    `the peer says it is AS ${peerAS}; ${allowed}`,
    Uint8Array.from(octets),
  );
}

/** RFC 4760 §8; a peer that names no family speaks IPv4 unicast. */
function commonFamilies({ families }: SessionParameters, theirs: readonly Capability[]) {
  const offered = capabilityValues(theirs, "Multiprotocol");
  if (offered.length === 0) offered.push({ afi: 1, safi: 1 });
  const common = families.filter((family) => offered.some((other) => sameFamily(family, other)));
  if (common.length > 0) return common;
  const wanted = families.map((value) => encodeCapability({ name: "Multiprotocol", value }));
  throw bgpError(
    "OPEN Message Error",
    "Unsupported Capability",
    `the peer speaks ${offered.map(familyName).join(", ")}; needed is one of ${families.map(familyName).join(", ")}`,
    Uint8Array.from(wanted.flatMap((bytes) => [...bytes])),
  );
}

function offersExtendedNextHop(theirs: readonly Capability[]): boolean {
  return capabilityValues(theirs, "ExtendedNextHop")
    .flat()
    .some((each) => sameFamily(each, ipv4OverIpv6) && each.nextHopAfi === ipv4OverIpv6.nextHopAfi);
}

/** Ours that the peer has too, in our words; of families the same ones, of others whatever their values. */
function inBoth(ours: readonly Capability[], theirs: readonly Capability[]): string[] {
  const kind = (capability: Capability) =>
    capability.name === "Multiprotocol" ? describeCapability(capability) : capability.name;
  const offered = new Set(theirs.map(kind));
  return ours.filter((capability) => offered.has(kind(capability))).map(describeCapability);
}
