import type { Action, StreamPurpose } from "./actions.ts";
import { Broadcasts } from "./broadcasts.ts";
import { compoundHeaderBytes, compoundOverheadBytes, compoundPartsMax, encodeCompound } from "./compound.ts";
import { encodeMessage, encodePushPull, encodeUserMessage } from "./message.ts";
import type { Endpoint, PacketMessage } from "./messages.ts";
import { canDo, endpointOf, type Node, type NodeTable, pushStateOf } from "./node_table.ts";
import type { MemberlistSettings } from "./settings.ts";
import { checksumBytes, type Wire } from "./wire.ts";

interface OutboxOptions {
  readonly name: string;
  readonly settings: MemberlistSettings;
  readonly wire: Wire;
}

interface OpenStream {
  readonly purpose: StreamPurpose;
  readonly to: Endpoint;
}

/** All that goes out: messages with gossip in what room they leave, gossip by itself, and streams that wait for an answer. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #nodes: NodeTable;
  readonly #emit: (action: Action) => void;
  readonly #broadcasts: Broadcasts;
  readonly #streams = new Map<number, OpenStream>();
  #nextStream = 1;

  constructor(options: OutboxOptions, nodes: NodeTable, emit: (action: Action) => void) {
    this.#options = options;
    this.#nodes = nodes;
    this.#emit = emit;
    this.#broadcasts = new Broadcasts(options.settings.retransmitMult);
  }

  broadcast(message: PacketMessage & { node: string }, finished?: () => void): void {
    this.#broadcasts.add(message.node, encodePacket(message), finished);
  }

  /** With gossip about others beside it. */
  send(to: Endpoint, message: PacketMessage): void {
    const { settings, wire } = this.#options;
    const own = encodePacket(message);
    // memberlist forgets the length of the message itself here, and in gossip the checksum: 2 and 5 bytes too many.
    const room =
      settings.udpBufferSize - compoundHeaderBytes - compoundOverheadBytes - own.length - wire.overheadBytes;
    const gossip = this.#broadcasts.take(compoundOverheadBytes, room, this.#nodes.size);
    const bytes = encodeCompound([own, ...gossip.slice(0, compoundPartsMax - 1)]);
    this.#emit({ type: "datagram", to, bytes: wire.sealPacket(bytes, false) });
  }

  sendDirectly(node: Node, messages: readonly PacketMessage[]): void {
    this.#sendEncoded(node, messages.map(encodePacket));
  }

  /** To some by chance, the recently dead included: one that is wrongly held for dead hears of it and denies. */
  gossip(now: number): void {
    const { name, settings, wire } = this.#options;
    if (this.#broadcasts.length === 0) return;
    const isCandidate = (node: Node) =>
      node.name !== name &&
      node.state !== "left" &&
      (node.state !== "dead" || now - node.since <= settings.gossipToTheDeadTimeMs);
    const room = settings.udpBufferSize - compoundHeaderBytes - checksumBytes - wire.overheadBytes;
    for (const node of this.#nodes.pick(settings.gossipNodes, isCandidate)) {
      const messages = this.#broadcasts.take(compoundOverheadBytes, room, this.#nodes.size);
      if (messages.length === 0) return;
      for (let at = 0; at < messages.length; at += compoundPartsMax)
        this.#sendEncoded(node, messages.slice(at, at + compoundPartsMax));
    }
  }

  open(purpose: StreamPurpose, to: Endpoint, message: Uint8Array, timeoutMs: number): void {
    const id = this.#nextStream++;
    this.#streams.set(id, { purpose, to });
    const bytes = this.#options.wire.sealStream(message, true);
    this.#emit({ type: "stream", id, purpose, to, bytes, timeoutMs });
  }

  /** Each stream has one answer. */
  close(id: number): OpenStream | undefined {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    return stream;
  }

  /** Everything this node knows, for a full exchange. */
  state(isJoin: boolean): Uint8Array {
    const nodes = Array.from(this.#nodes, pushStateOf);
    return encodePushPull({ type: "push-pull", isJoin, nodes, userState: new Uint8Array(0) });
  }

  #sendEncoded(node: Node, messages: readonly Uint8Array[]): void {
    const bytes = this.#options.wire.sealPacket(encodeCompound(messages), canDo(node, "checksum"));
    this.#emit({ type: "datagram", to: endpointOf(node), bytes });
  }
}

function encodePacket(message: PacketMessage): Uint8Array {
  return message.type === "user" ? encodeUserMessage(message, "datagram") : encodeMessage(message);
}
