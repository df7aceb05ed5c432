import { type IpAddress, parseAddress } from "#core/net/mod.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { type FieldReader, quote } from "./field_reader.ts";
import { parsePassword } from "./parse_password.ts";
import { parseSelectors } from "./parse_selector.ts";
import { parsePeerAnnotations } from "./peer_annotations.ts";
import type { BgpPeer, ConfigResources, Resource } from "./types.ts";

const asnMax = 0xffff_ffff;
/** RFC 4271 §4.2: the hold time is two octets of seconds; zero, or at least three seconds. */
const holdTimeMaxMs = 65_535_000;

/** `secrets` as in {@link ConfigResources}. */
export function parsePeer(
  spec: FieldReader,
  { metadata }: Resource,
  secrets?: ConfigResources["secrets"],
): BgpPeer {
  const myASN = spec.integer("myASN", 1, asnMax) ?? 0;
  if (!spec.has("myASN")) {
    spec.report(spec.at("myASN"), "peer.my-asn-missing", `it is missing; allowed are 1 to ${asnMax}`);
  }
  const peerPort = spec.integer("peerPort", 0, 16_384) || 179;
  const routerID = optionalAddress(spec, "routerID");
  if (routerID && (routerID.family !== "ipv4" || routerID.value === 0n)) {
    const sentence = `"${spec.text("routerID")}" is not a BGP identifier; it is written as a non-zero IPv4 address (RFC 6286 §2.1)`;
    spec.report(spec.at("routerID"), "peer.router-id", sentence);
  }
  const passwordSecret = spec.object("passwordSecret").text("name");
  const password = parsePassword(spec, passwordSecret, secrets);
  const localASN = spec.integer("localASN", 1, asnMax);
  const [bfdProfile, vrf] = [spec.text("bfdProfile"), spec.text("vrf")];
  const enableGracefulRestart = spec.flag("enableGracefulRestart", false);
  const ebgpMultiHop = spec.flag("ebgpMultiHop", false);
  return {
    name: metadata.name,
    myASN,
    ...parsePeerAsn(spec, myASN),
    ...(localASN !== undefined && { localASN }),
    ...parseTarget(spec),
    peerPort,
    ...parseTimers(spec),
    ...parseConnectTime(spec),
    ...(routerID && { routerID }),
    nodeSelectors: parseSelectors(spec, "nodeSelectors"),
    ...(password && { password }),
    ...(passwordSecret && { passwordSecret }),
    ...(bfdProfile && { bfdProfile }),
    enableGracefulRestart,
    ebgpMultiHop,
    ...(vrf && { vrf }),
    dualStackAddressFamily: spec.flag("dualStackAddressFamily", false),
    ...parsePeerAnnotations(metadata.annotations ?? {}, { enableGracefulRestart, ebgpMultiHop }, spec.report),
  };
}

function parsePeerAsn(spec: FieldReader, myASN: number): Pick<BgpPeer, "peerASN" | "dynamicASN"> {
  const peerASN = spec.integer("peerASN", 0, asnMax) ?? 0;
  const dynamicASN = spec.text("dynamicASN");
  if (dynamicASN !== "" && dynamicASN !== "internal" && dynamicASN !== "external") {
    const sentence = `"${dynamicASN}" is neither "internal" nor "external"`;
    spec.report(spec.at("dynamicASN"), "peer.dynamic-asn", sentence);
    return {};
  }
  if ((peerASN === 0) === (dynamicASN === "")) {
    const found = peerASN === 0 ? "neither is set" : "both are set";
    const sentence = `${found} of spec.peerASN and spec.dynamicASN; exactly one is allowed`;
    spec.report(spec.at("peerASN"), "peer.asn-or-dynamic", sentence);
  }
  if (peerASN !== 0 && peerASN === myASN && spec.flag("ebgpMultiHop", false)) {
    const sentence = `it is true, but spec.peerASN equals spec.myASN (${myASN}): an iBGP session has no such limit; set it to false`;
    spec.report(spec.at("ebgpMultiHop"), "peer.multihop-ibgp", sentence);
  }
  return { ...(peerASN !== 0 && { peerASN }), ...(dynamicASN !== "" && { dynamicASN }) };
}

function parseTarget(spec: FieldReader): Pick<BgpPeer, "peerAddress" | "interface" | "sourceAddress"> {
  const peerAddress = optionalAddress(spec, "peerAddress");
  const sourceAddress = optionalAddress(spec, "sourceAddress");
  const device = spec.text("interface");
  if ((spec.text("peerAddress") === "") === (device === "")) {
    const found = device === "" ? "neither is set" : "both are set";
    const sentence = `${found} of spec.peerAddress and spec.interface; exactly one is allowed`;
    spec.report(spec.at("peerAddress"), "peer.address-or-interface", sentence);
  }
  if (peerAddress && sourceAddress && peerAddress.family !== sourceAddress.family) {
    const sentence = `"${spec.text("sourceAddress")}" is not of the family of spec.peerAddress "${spec.text("peerAddress")}"`;
    spec.report(spec.at("sourceAddress"), "peer.source-family", sentence);
  }
  return {
    ...(peerAddress && { peerAddress }),
    ...(device && { interface: device }),
    ...(sourceAddress && { sourceAddress }),
  };
}

/** Where one of the two is set the other follows at a third or three times, as in RFC 4271 §10. */
function parseTimers(spec: FieldReader): Pick<BgpPeer, "holdTimeMs" | "keepaliveTimeMs"> {
  const hold = optionalDuration(spec, "holdTime");
  const keepalive = optionalDuration(spec, "keepaliveTime");
  if (hold === undefined && keepalive === undefined) return {};
  const holdTimeMs = hold ?? (keepalive as number) * 3;
  const keepaliveTimeMs = keepalive ?? (hold as number) / 3;
  const seconds = Math.trunc(holdTimeMs / 1000);
  if ((seconds !== 0 && seconds < 3) || holdTimeMs > holdTimeMaxMs) {
    const sentence = `a hold time of ${formatDuration(holdTimeMs)} is not allowed; allowed are 0s, and 3s to 65535s`;
    spec.report(spec.at(hold === undefined ? "keepaliveTime" : "holdTime"), "peer.hold-time", sentence);
  } else if (keepaliveTimeMs > holdTimeMs) {
    const sentence = `${formatDuration(keepaliveTimeMs)} is longer than the hold time of ${formatDuration(holdTimeMs)}; a third of it is usual`;
    spec.report(spec.at("keepaliveTime"), "peer.keepalive-time", sentence);
  }
  return { holdTimeMs, keepaliveTimeMs };
}

function parseConnectTime(spec: FieldReader): Pick<BgpPeer, "connectTimeMs"> {
  const connectTimeMs = optionalDuration(spec, "connectTime");
  if (connectTimeMs === undefined) return {};
  if (connectTimeMs % 1000 !== 0 || connectTimeMs < 1000 || connectTimeMs > 65_535_000) {
    const sentence = `"${spec.text("connectTime")}" is not allowed; allowed are whole seconds from 1s to 65535s`;
    spec.report(spec.at("connectTime"), "peer.connect-time", sentence);
  }
  return { connectTimeMs };
}

function optionalAddress(spec: FieldReader, name: string): IpAddress | undefined {
  const text = spec.text(name);
  if (text === "") return undefined;
  const address = parseAddress(text);
  if (!address) spec.report(spec.at(name), "peer.address-malformed", `${quote(text)} is not an IP address`);
  return address;
}

function optionalDuration(spec: FieldReader, name: string): number | undefined {
  const text = spec.text(name);
  if (text === "") return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  const sentence = `${quote(text)} is not a duration; write it as 90s or 1m30s`;
  spec.report(spec.at(name), "peer.duration-malformed", sentence);
  return undefined;
}
