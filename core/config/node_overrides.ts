import { type IpAddress, parseAddress } from "#core/net/mod.ts";
import { quote } from "./field_reader.ts";
import type { BgpPeer, ConfigIssue } from "./types.ts";

/**
 * What differs from node to node, by annotations on the Node, so that one BGPPeer serves racks of which each has its
 * own router or AS number. A value is for every peer of the node, or after `name=` for the BGPPeer of that name;
 * several go by comma, space or line. An entry that is malformed is left out and reported; the BGPPeer's own value then
 * holds.
 *
 * | annotation | in place of |
 * |---|---|
 * | `metallb.io/bgp-my-asn` | `myASN`, and `localASN` |
 * | `metallb.io/bgp-peer-asn` | `peerASN`, and `dynamicASN` |
 * | `metallb.io/bgp-peer-address` | `peerAddress`, and `interface` |
 * | `metallb.io/bgp-source-address` | `sourceAddress` |
 * | `metallb.io/bgp-router-id` | `routerID` |
 */
export const nodeAnnotations = {
  myASN: "metallb.io/bgp-my-asn",
  peerASN: "metallb.io/bgp-peer-asn",
  peerAddress: "metallb.io/bgp-peer-address",
  sourceAddress: "metallb.io/bgp-source-address",
  routerID: "metallb.io/bgp-router-id",
} as const;

type Field = keyof typeof nodeAnnotations;

const asnMax = 0xffff_ffff;

export interface NodeOverrides {
  readonly peers: BgpPeer[];
  readonly issues: ConfigIssue[];
}

/** The peers as the node has them. */
export function overridePeers(
  peers: readonly BgpPeer[],
  node: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> },
): NodeOverrides {
  const { annotations = {} } = node;
  const issues: ConfigIssue[] = [];
  let overridden = [...peers];
  for (const field of Object.keys(nodeAnnotations) as Field[]) {
    const text = annotations[nodeAnnotations[field]] ?? "";
    const issue = (code: string, message: string) =>
      issues.push({
        kind: "Node",
        name: node.name,
        path: `metadata.annotations["${nodeAnnotations[field]}"]`,
        code: `node.${code}`,
        message: `metadata.annotations["${nodeAnnotations[field]}"]: ${message}`,
      });
    const values = new Map<string, string>();
    for (const entry of text.split(/[\s,;]+/).filter((part) => part !== "")) {
      const [, name = "", value = ""] = /^(?:([^=]+)=)?(.*)$/.exec(entry) ?? [];
      const wrong = wrongValue(field, value);
      if (wrong) issue("annotation-malformed", `${quote(entry)} ${wrong}; the BGPPeer's own value is used`);
      else if (name !== "" && !peers.some((peer) => peer.name === name)) {
        issue(
          "annotation-unknown-peer",
          `${quote(entry)} is for the BGPPeer "${name}", which this node does not have`,
        );
      } else values.set(name, value);
    }
    overridden = overridden.map((peer) => {
      const value = values.get(peer.name) ?? values.get("");
      return value === undefined ? peer : withValue(peer, field, value);
    });
  }
  return { peers: overridden, issues };
}

/** What is wrong with the text: the rest of a sentence that begins with it. */
function wrongValue(field: Field, text: string): string | undefined {
  if (field === "myASN" || field === "peerASN") {
    const isNumber = /^\d{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= asnMax;
    return isNumber ? undefined : `is not an AS number; allowed are 1 to ${asnMax}`;
  }
  const address = parseAddress(text);
  if (!address) return "is not an IP address";
  if (field === "routerID" && (address.family !== "ipv4" || address.value === 0n)) {
    return "is not a BGP identifier; it is written as a non-zero IPv4 address (RFC 6286 §2.1)";
  }
  return undefined;
}

function withValue(peer: BgpPeer, field: Field, text: string): BgpPeer {
  if (field === "myASN") {
    const { localASN: _, ...rest } = peer;
    return { ...rest, myASN: Number(text) };
  }
  if (field === "peerASN") {
    const { dynamicASN: _, ...rest } = peer;
    return { ...rest, peerASN: Number(text) };
  }
  const address = parseAddress(text) as IpAddress;
  if (field !== "peerAddress") return { ...peer, [field]: address };
  const { interface: _, sourceAddress, ...rest } = peer;
  // A source address of the other family belonged to the address that is replaced.
  const isUsable = sourceAddress?.family === address.family;
  return { ...rest, peerAddress: address, ...(isUsable && { sourceAddress }) };
}
