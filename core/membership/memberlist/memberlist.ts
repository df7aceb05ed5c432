import type { Action, MemberView } from "./actions.ts";
import { pushPullIntervalMs } from "./formulas.ts";
import { ackOf, encodeMessage } from "./message.ts";
import {
  type Dead,
  type Endpoint,
  ownVersions,
  type PacketMessage,
  type PushNodeState,
  type StreamMessage,
  type Suspect,
} from "./messages.ts";
import { decodeMetadata, metadataBytesMax } from "./metadata.ts";
import { endpointOf, isGone, type Node } from "./node_table.ts";
import type { MemberlistOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Prober } from "./prober.ts";
import { Roster } from "./roster.ts";
import { incompatible } from "./versions.ts";

/** So many are told of a goodbye directly, and of a verdict those that have no ring of watchers to tell them. */
const directlyToldMax = 32;

/**
 * A member of a memberlist ring, SWIM with Lifeguard: datagrams, messages of streams, deadlines and commands come in
 * with the time, actions come out. Deterministic: time and chance are given.
 */
export class Memberlist {
  readonly #options: MemberlistOptions;
  readonly #roster: Roster;
  readonly #prober: Prober;
  readonly #outbox: Outbox;
  #actions: Action[] = [];
  #nextGossipAt = Infinity;
  #nextSyncAt = Infinity;
  #isLeaving = false;

  constructor(options: MemberlistOptions) {
    this.#options = options;
    const { name, address: addr, port, settings, random } = options;
    this.#roster = new Roster({
      name,
      port,
      settings,
      random,
      emit: (action) => void this.#actions.push(action),
      broadcast: (message, finished) => this.#outbox.broadcast(message, finished),
      accused: (accuser) => {
        this.#prober.adjustHealth(1);
        this.#actions.push({ type: "refuted", accuser });
      },
      tell: (node, message) => this.#outbox.sendDirectly(node, [message]),
    });
    this.#outbox = new Outbox(options, this.#roster.nodes, (action) => void this.#actions.push(action));
    this.#prober = new Prober({
      settings,
      self: { name, addr, port },
      nodes: this.#roster.nodes,
      send: (to, message) => this.#outbox.send(to, message),
      pingSuspect: (node, ping) => this.#outbox.sendDirectly(node, [ping, this.#accusation(node)]),
      pingByTcp: (node, ping, timeoutMs) =>
        this.#outbox.open("ping", endpointOf(node), encodeMessage(ping), timeoutMs),
      failed: (node, incarnation, now) =>
        this.#roster.suspect({ type: "suspect", incarnation, node: node.name, from: name }, now),
      answeredOverTcpOnly: (node) => void this.#actions.push({ type: "tcp-only", node: node.name }),
    });
  }

  /** 0 is healthy: answers come in time. Each point makes a probe wait one interval longer. */
  get health(): number {
    return this.#prober.health;
  }

  /** All others that are not forgotten, those that are gone included. */
  members(): MemberView[] {
    return this.#others(() => true).map((node) => this.#roster.view(node));
  }

  nextDeadline(): number {
    return Math.min(
      this.#prober.nextDeadline(),
      this.#roster.nextDeadline(),
      this.#nextGossipAt,
      this.#nextSyncAt,
    );
  }

  /** Knows these without ever having to hear or to tell of them: for a simulation that begins in the midst. */
  restore(states: readonly PushNodeState[], now: number): void {
    this.#roster.restore(states, now);
  }

  start(now: number): Action[] {
    const { settings, random } = this.#options;
    this.#aliveMyself(this.#options.metadata, now);
    this.#prober.start(now, random());
    const { gossipIntervalMs, gossipNodes, pushPullIntervalMs: syncMs } = settings;
    if (gossipIntervalMs > 0 && gossipNodes > 0) this.#nextGossipAt = now + (1 + random()) * gossipIntervalMs;
    if (syncMs > 0) this.#nextSyncAt = now + (1 + random()) * syncMs;
    return this.#drain();
  }

  /** Carries out what is due; what waits in the socket should be taken in before. */
  expire(now: number): Action[] {
    this.#doubt(now);
    this.#prober.expire(now);
    this.#roster.expire(now);
    const { settings } = this.#options;
    if (this.#nextSyncAt <= now) {
      this.#nextSyncAt = now + pushPullIntervalMs(settings.pushPullIntervalMs, this.#roster.nodes.size);
      this.#sync();
    }
    if (this.#nextGossipAt <= now) {
      this.#nextGossipAt = Math.max(this.#nextGossipAt + settings.gossipIntervalMs, now);
      this.#outbox.gossip(now);
    }
    return this.#drain();
  }

  packetReceived(datagram: Uint8Array, from: Endpoint, now: number): Action[] {
    const { messages, faults } = this.#options.wire.openPacket(datagram);
    for (const fault of faults) this.#actions.push({ type: "fault", fault, from });
    for (const message of messages) this.#take(message, from, now);
    return this.#drain();
  }

  /** Somebody opened a stream and said this. `answer` goes back on it, sealed. */
  streamReceived(message: StreamMessage, now: number): { answer?: Uint8Array; actions: Action[] } {
    const { name, wire } = this.#options;
    let answer: Uint8Array | undefined;
    if (message.type === "ping" && (message.node === "" || message.node === name)) {
      answer = wire.sealStream(encodeMessage(ackOf(message.seqNo)), false);
    } else if (message.type === "push-pull") {
      // Before it is merged: the other side gets what this side knew by itself.
      answer = wire.sealStream(this.#outbox.state(message.isJoin), false);
      this.#merge(message.nodes, now);
    }
    return { actions: this.#drain(), ...(answer ? { answer } : {}) };
  }

  /** What came back on a stream that this side opened. */
  streamAnswered(id: number, message: StreamMessage, now: number): Action[] {
    const stream = this.#outbox.close(id);
    if (stream && message.type === "error")
      this.#actions.push({ type: "refused", by: stream.to, error: message.error });
    else if (stream?.purpose === "ping" && message.type === "ack") this.#prober.tcpAcked(message.seqNo);
    else if (stream && message.type === "push-pull") {
      this.#merge(message.nodes, now);
      this.#actions.push({ type: "exchanged", with: stream.to, purpose: stream.purpose });
    }
    return this.#drain();
  }

  /** It could not be opened, or nothing of use came in time. */
  streamFailed(id: number): void {
    this.#outbox.close(id);
  }

  /** Exchanges all states with whoever is there. */
  join(to: Endpoint): Action[] {
    this.#outbox.open("join", to, this.#outbox.state(true), this.#options.settings.tcpTimeoutMs);
    return this.#drain();
  }

  update(metadata: Uint8Array, now: number): Action[] {
    this.#aliveMyself(metadata, now);
    return this.#drain();
  }

  /** Says goodbye at once and goes on saying it until {@link Action} `left`, at the latest until the driver's limit. */
  leave(now: number): Action[] {
    const goodbye = this.#roster.leave(now, () => this.#leftNow());
    if (!goodbye) return [];
    this.#isLeaving = true;
    this.#prober.stop();
    this.#nextSyncAt = Infinity;
    this.#tell(this.#others((node) => !isGone(node)).slice(0, directlyToldMax), goodbye);
    this.#outbox.gossip(now);
    return this.#drain();
  }

  /**
   * The ring of watchers found it dead: told as memberlist's *dead*, at once and directly to members that do not watch
   * themselves, and to the accused, so that a wrong verdict is denied within a round trip.
   */
  declareDead(name: string, now: number): Action[] {
    const node = this.#roster.nodes.get(name);
    if (!node || isGone(node) || name === this.#options.name) return [];
    const verdict = {
      type: "dead",
      incarnation: node.incarnation,
      node: name,
      from: this.#options.name,
    } as const;
    this.#roster.dead(verdict, now);
    // A speaker of MetalLB has no faster way to hear of a death.
    const slow = this.#others((other) => other.state === "alive" && !decodeMetadata(other.meta));
    this.#tell([node, ...slow.slice(0, directlyToldMax)], verdict);
    this.#outbox.gossip(now);
    return this.#drain();
  }

  /** The ring of watchers hears a suspect: it is told at once, so that it denies, and gets more time for that. */
  confirmAlive(name: string, now: number): Action[] {
    const node = this.#roster.nodes.get(name);
    const suspicion = this.#roster.suspicionOf(name);
    if (!node || !suspicion) return [];
    suspicion.putOffFrom(now);
    this.#outbox.sendDirectly(node, [this.#accusation(node)]);
    return this.#drain();
  }

  #take(message: PacketMessage, from: Endpoint, now: number): void {
    const { name } = this.#options;
    const answerTo = (addr: string, at: number) =>
      addr !== "" && at > 0 ? { address: addr, port: at } : from;
    switch (message.type) {
      case "ping":
        if (message.node !== "" && message.node !== name) return;
        this.#outbox.send(answerTo(message.sourceAddr, message.sourcePort), ackOf(message.seqNo));
        return;
      case "indirect-ping":
        this.#prober.relay(message, answerTo(message.sourceAddr, message.sourcePort), now);
        return;
      case "ack":
        this.#prober.acked(message.seqNo, now);
        return;
      case "nack":
        this.#prober.nacked(message.seqNo);
        return;
      case "suspect":
        this.#roster.suspect(message, now);
        return;
      case "alive":
        this.#roster.alive(message, now);
        return;
      case "dead":
        this.#roster.dead(message, now);
        return;
      case "user":
    }
  }

  #merge(nodes: Extract<StreamMessage, { type: "push-pull" }>["nodes"], now: number): void {
    const misfit = incompatible(nodes, this.#roster.nodes);
    if (misfit) this.#actions.push({ type: "incompatible", ...misfit });
    else this.#roster.merge(nodes, now);
  }

  #sync(): void {
    const { name, settings } = this.#options;
    const [node] = this.#roster.nodes.pick(1, (other) => other.name !== name && other.state === "alive");
    if (node) this.#outbox.open("sync", endpointOf(node), this.#outbox.state(false), settings.tcpTimeoutMs);
  }

  #accusation({ name, incarnation }: Node): Suspect {
    return { type: "suspect", incarnation, node: name, from: this.#options.name };
  }

  #aliveMyself(meta: Uint8Array, now: number): void {
    if (meta.length > metadataBytesMax)
      throw new RangeError(`Metadata has at most ${metadataBytesMax} bytes, not ${meta.length}`);
    const { name, address: addr, port } = this.#options;
    this.#roster.aliveMyself({ node: name, addr, port, meta, vsn: ownVersions }, now);
  }

  #others(isMeant: (node: Node) => boolean): Node[] {
    return [...this.#roster.nodes].filter((node) => node.name !== this.#options.name && isMeant(node));
  }

  /** At once, beside the gossip that carries it further. */
  #tell(nodes: readonly Node[], message: Dead): void {
    for (const node of nodes) this.#outbox.sendDirectly(node, [message]);
  }

  /** Who wakes late was not listening, so nobody was silent meanwhile: verdicts are put off by the delay. */
  #doubt(now: number): void {
    const lateMs =
      now - Math.min(this.#prober.nextDeadline(), this.#roster.nextDeadline(), this.#nextGossipAt);
    if (lateMs <= this.#options.settings.probeTimeoutMs / 2) return;
    this.#prober.doubt(lateMs);
    this.#roster.doubt(lateMs);
  }

  #leftNow(): void {
    if (this.#isLeaving) this.#actions.push({ type: "left" });
    this.#isLeaving = false;
  }

  #drain(): Action[] {
    // Nobody is left to be told, as when all speakers stop together.
    if (this.#isLeaving && this.#others((node) => !isGone(node)).length === 0) this.#leftNow();
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }
}
