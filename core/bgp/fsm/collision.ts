import type { Session } from "./session.ts";

/**
 * RFC 4271 §6.8, RFC 6286 §2.3: two connections with one peer, and the peer's OPEN has come on one of them. Gives
 * the one to end by OpenCollisionDump; the connection opened by the higher identifier survives, the higher AS number
 * where the identifiers are equal.
 */
export function losesCollision(
  connections: { readonly dialledByUs: Session; readonly dialledByPeer: Session },
  peer: { readonly bgpIdentifier: number; readonly asn: number },
): "dialledByUs" | "dialledByPeer" {
  const { dialledByUs, dialledByPeer } = connections;
  // An established session is never given up for a new connection.
  if (dialledByUs.state === "Established") return "dialledByPeer";
  if (dialledByPeer.state === "Established") return "dialledByUs";
  const { bgpIdentifier, parameters } = dialledByUs;
  const difference = bgpIdentifier - peer.bgpIdentifier || parameters.localAS - peer.asn;
  return difference < 0 ? "dialledByUs" : "dialledByPeer";
}
