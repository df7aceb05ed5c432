import { type UdpDestination, udpDestination } from "#io/mod.ts";
import type { Problems } from "../problems.ts";
import type { HeartbeatPeer } from "../protocol.ts";

/** Where each fellow speaker is reached. */
export class Endpoints {
  readonly #problems: Problems;
  #peers = new Map<string, { peer: HeartbeatPeer; destination: UdpDestination }>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  of(node: string): UdpDestination | undefined {
    return this.#peers.get(node)?.destination;
  }

  /** Replaces all; gives those that were known under another address. */
  set(peers: readonly HeartbeatPeer[], now: number): Set<string> {
    const known = this.#peers;
    const moved = new Set<string>();
    this.#peers = new Map();
    for (const peer of peers) {
      const before = known.get(peer.node);
      const isSame = before?.peer.address === peer.address && before.peer.port === peer.port;
      const destination = isSame ? before.destination : udpDestination(peer.address, peer.port);
      if (before && !isSame) moved.add(peer.node);
      if (destination) this.#peers.set(peer.node, { peer, destination });
      else
        this.#problems.say(
          `Cannot send heartbeats to ${peer.node}: "${peer.address}" is not an IP address`,
          now,
        );
    }
    return moved;
  }
}
