import {
  type AddressFamily,
  AS_TRANS,
  bgpError,
  type Capability,
  type CapabilityName,
  capabilityCode,
  capabilityValues,
  describeCapability,
  encodeCapability,
  familyName,
  ipv4Unicast,
  ipv6Unicast,
  type OpenMessage,
  sameFamily,
} from "../codec/mod.ts";
import type { GracefulRestartParameters, Negotiated, Session, SessionParameters } from "./session.ts";

/** What an OPEN is made of. */
export type Offer = Pick<Session, "parameters" | "withheld">;

/** What we offer, but for what the peer has refused before. */
export function localCapabilities({ parameters, withheld = [] }: Offer): Capability[] {
  if (withheld === "all") return [];
  return allCapabilities(parameters).filter((capability) => !withheld.includes(capabilityCode(capability)));
}

/** Extended Message is only an offer to receive: we never send more than 4,096 octets. */
function allCapabilities({
  localAS,
  families,
  extendedNextHop,
  gracefulRestart,
  hostName,
}: SessionParameters): Capability[] {
  const staleTimeSeconds = gracefulRestart?.longLivedStaleSeconds;
  return [
    ...families.map((value): Capability => ({ name: "Multiprotocol", value })),
    { name: "RouteRefresh", value: true },
    ...(extendedNextHop ? [{ name: "ExtendedNextHop" as const, value: [ipv4OverIpv6] }] : []),
    { name: "ExtendedMessage", value: true },
    ...(gracefulRestart ? [restartCapability(gracefulRestart, families)] : []),
    { name: "FourOctetAs", value: localAS },
    { name: "EnhancedRouteRefresh", value: true },
    ...(staleTimeSeconds === undefined ? [] : [longLivedCapability(staleTimeSeconds, families)]),
    ...(hostName === undefined
      ? []
      : [{ name: "Fqdn" as const, value: { host: hostName.slice(0, 63), domain: "" } }]),
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

/** RFC 9494 §3.1 */
function longLivedCapability(staleTimeSeconds: number, families: readonly AddressFamily[]): Capability {
  const value = families.map((family) => ({ ...family, forwardingPreserved: true, staleTimeSeconds }));
  return { name: "LongLivedGracefulRestart", value };
}

/** RFC 4271 §4.2, RFC 6793 §4.2.1 */
export function openMessage(offer: Offer, bgpIdentifier: number): OpenMessage {
  const { parameters } = offer;
  return {
    type: "OPEN",
    myAS: parameters.localAS > 0xffff ? AS_TRANS : parameters.localAS,
    holdTimeSeconds: Math.floor(parameters.holdTimeMs / 1000),
    bgpIdentifier,
    capabilities: localCapabilities(offer),
  };
}

/** Checks the peer's OPEN (RFC 4271 §6.2) and gives what both sides agree on; throws the NOTIFICATION to send. */
export function negotiate(offer: Offer, bgpIdentifier: number, open: OpenMessage): Negotiated {
  const { parameters } = offer;
  const ours = localCapabilities(offer);
  const both = (name: CapabilityName) =>
    [ours, theirs].every((side) => capabilityValues(side, name).length > 0);
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
    fourOctetAs: both("FourOctetAs"),
    extendedMessage: both("ExtendedMessage"),
    routeRefresh: both("RouteRefresh"),
    enhancedRouteRefresh: both("EnhancedRouteRefresh"),
    families: commonFamilies(parameters, ours, theirs),
    extendedNextHop: both("ExtendedNextHop") && offersExtendedNextHop(theirs),
    gracefulRestart: both("GracefulRestart"),
    ...hostNameOf(theirs),
    capabilities: inBoth(ours, theirs),
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
function commonFamilies(
  { families }: SessionParameters,
  ours: readonly Capability[],
  theirs: readonly Capability[],
): AddressFamily[] {
  const offered = spokenFamilies(theirs);
  const common = spokenFamilies(ours)
    .filter((family) => families.some((wanted) => sameFamily(family, wanted)))
    .filter((family) => offered.some((other) => sameFamily(family, other)));
  if (common.length > 0) return common;
  const wanted = families.map((value) => encodeCapability({ name: "Multiprotocol", value }));
  throw bgpError(
    "OPEN Message Error",
    "Unsupported Capability",
    `the peer speaks ${offered.map(familyName).join(", ")}; needed is one of ${families.map(familyName).join(", ")}`,
    Uint8Array.from(wanted.flatMap((bytes) => [...bytes])),
  );
}

function spokenFamilies(capabilities: readonly Capability[]): AddressFamily[] {
  const named = capabilityValues(capabilities, "Multiprotocol");
  return named.length > 0 ? named : [ipv4Unicast];
}

/** What the peer calls itself. */
function hostNameOf(theirs: readonly Capability[]): { readonly peerHostName?: string } {
  const [name] = capabilityValues(theirs, "Fqdn");
  return name ? { peerHostName: [name.host, name.domain].filter(Boolean).join(".") } : {};
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
