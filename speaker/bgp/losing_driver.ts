import { losesCollision } from "#core/bgp/mod.ts";
import type { FsmDriver } from "./fsm_driver.ts";

/**
 * Of the connection that we dialled and the one that the peer dialled, which has to go now that the state of one of
 * them `moved` (RFC 4271 §6.8); undefined while both may stay.
 */
export function losingDriver(main: FsmDriver, second: FsmDriver, moved: FsmDriver): FsmDriver | undefined {
  if (!second.isTalking) return second;
  if (!main.isTalking) return main;
  const other = moved === main ? second : main;
  const { state, negotiated } = moved.state;
  // An OPEN has come on this one; of the other one it must be known as well who is behind it.
  const isKnown = other.state.state === "OpenConfirm" || other.state.state === "Established";
  if (state !== "OpenConfirm" || !isKnown || !negotiated) return undefined;
  const peer = { bgpIdentifier: negotiated.peerIdentifier, asn: negotiated.peerAS };
  const loser = losesCollision({ dialledByUs: main.state, dialledByPeer: second.state }, peer);
  return loser === "dialledByUs" ? main : second;
}
