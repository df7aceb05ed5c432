import { ackOf } from "./message.ts";
import type { Endpoint, IndirectPing, PacketMessage, Ping } from "./messages.ts";
import { canDo, endpointOf, isGone, type Node, type NodeTable } from "./node_table.ts";
import type { MemberlistSettings } from "./settings.ts";

/** What probing needs of the member that does it. */
export interface ProberHost {
  readonly settings: MemberlistSettings;
  readonly self: { readonly name: string; readonly addr: string; readonly port: number };
  readonly nodes: NodeTable;
  /** With gossip that fits beside it. */
  send(to: Endpoint, message: PacketMessage): void;
  /** To a suspect: the accusation goes along, so that it can deny at once. */
  pingSuspect(node: Node, ping: Ping): void;
  pingByTcp(node: Node, ping: Ping, timeoutMs: number): void;
  /** No answer by any way; `incarnation` is that of the start of the probe. */
  failed(node: Node, incarnation: number, now: number): void;
  answeredOverTcpOnly(node: Node): void;
}

interface Probe {
  readonly node: Node;
  readonly incarnation: number;
  readonly seqNo: number;
  readonly sentAt: number;
  /** Then others are asked; Infinity once they are. */
  askOthersAt: number;
  /** Then the verdict falls. */
  deadline: number;
  nacksExpected: number;
  nacks: number;
  tcpAnswered: boolean;
}

/** A ping on another's behalf. */
interface Relay {
  readonly request: IndirectPing;
  readonly answerTo: Endpoint;
  readonly deadline: number;
}

const relaysMax = 1024;

/**
 * SWIM's failure detector, one probe at a time: a ping, then others are asked and TCP is tried, then the verdict.
 * `health` is Lifeguard's awareness: who misses acks and nacks that were due doubts himself and takes more time.
 */
export class Prober {
  readonly #host: ProberHost;
  readonly #relays = new Map<number, Relay>();
  #probe: Probe | undefined;
  #nextAt = Infinity;
  #seqNo = 0;
  /** 0 is healthy; below AwarenessMaxMultiplier. */
  health = 0;

  constructor(host: ProberHost) {
    this.#host = host;
  }

  /** The first probe comes after a delay of chance, so that rings that start together do not probe in step. */
  start(now: number, random: number): void {
    const { probeIntervalMs } = this.#host.settings;
    if (probeIntervalMs > 0) this.#nextAt = now + (1 + random) * probeIntervalMs;
  }

  stop(): void {
    this.#nextAt = Infinity;
    this.#probe = undefined;
  }

  nextDeadline(): number {
    const probe = this.#probe;
    // While a probe runs, the next one waits for its end.
    let deadline = probe ? Math.min(probe.askOthersAt, probe.deadline) : this.#nextAt;
    // All relays wait equally long, so the first is the oldest.
    const [oldest] = this.#relays.values();
    if (oldest) deadline = Math.min(deadline, oldest.deadline);
    return deadline;
  }

  expire(now: number): void {
    for (const [seqNo, relay] of this.#relays) {
      if (relay.deadline > now) break;
      this.#relays.delete(seqNo);
      if (relay.request.nack) this.#host.send(relay.answerTo, { type: "nack", seqNo: relay.request.seqNo });
    }
    const probe = this.#probe;
    if (probe && probe.deadline <= now) this.#judge(probe, now);
    else if (probe && probe.askOthersAt <= now) this.#askOthers(probe, now);
    if (!this.#probe && this.#nextAt <= now) this.#begin(now);
  }

  /** This node was not listening for so long: whoever answered meanwhile is not to be blamed. */
  doubt(lateMs: number): void {
    this.adjustHealth(1);
    if (this.#probe) this.#probe.deadline += lateMs;
  }

  adjustHealth(delta: number): void {
    const most = Math.max(0, this.#host.settings.awarenessMaxMultiplier - 1);
    this.health = Math.min(most, Math.max(0, this.health + delta));
  }

  acked(seqNo: number, now: number): void {
    const probe = this.#probe;
    if (probe?.seqNo === seqNo) {
      if (probe.askOthersAt !== Infinity) probe.node.rttMs = now - probe.sentAt;
      this.#succeed(now);
      return;
    }
    const relay = this.#relays.get(seqNo);
    if (!relay) return;
    this.#relays.delete(seqNo);
    this.#host.send(relay.answerTo, ackOf(relay.request.seqNo));
  }

  nacked(seqNo: number): void {
    if (this.#probe?.seqNo === seqNo) this.#probe.nacks++;
  }

  /** Counts only when nothing else came: UDP gets the whole time of the probe. */
  tcpAcked(seqNo: number): void {
    if (this.#probe?.seqNo === seqNo) this.#probe.tcpAnswered = true;
  }

  /** Pings for somebody who got no answer. */
  relay(request: IndirectPing, answerTo: Endpoint, now: number): void {
    const { settings, self } = this.#host;
    if (this.#relays.size >= relaysMax) return;
    const seqNo = this.#nextSeqNo();
    this.#relays.set(seqNo, { request, answerTo, deadline: now + settings.probeTimeoutMs });
    const to = { address: request.target, port: request.port || self.port };
    this.#host.send(to, this.#ping(seqNo, request.node));
  }

  #begin(now: number): void {
    const { settings, self, nodes } = this.#host;
    // Ticks that were missed are not made up for.
    const ticks = 1 + Math.floor((now - this.#nextAt) / settings.probeIntervalMs);
    this.#nextAt += ticks * settings.probeIntervalMs;
    const isCandidate = (node: Node) => node.name !== self.name && !isGone(node);
    const node = nodes.next(isCandidate, now, settings.gossipToTheDeadTimeMs);
    if (!node) return;
    const seqNo = this.#nextSeqNo();
    this.#probe = {
      node,
      incarnation: node.incarnation,
      seqNo,
      sentAt: now,
      askOthersAt: now + settings.probeTimeoutMs,
      deadline: now + settings.probeIntervalMs * (this.health + 1),
      nacksExpected: 0,
      nacks: 0,
      tcpAnswered: false,
    };
    const ping = this.#ping(seqNo, node.name);
    if (node.state === "alive") this.#host.send(endpointOf(node), ping);
    else this.#host.pingSuspect(node, ping);
  }

  #askOthers(probe: Probe, now: number): void {
    const { settings, self, nodes } = this.#host;
    const { node, seqNo } = probe;
    probe.askOthersAt = Infinity;
    const isCandidate = (other: Node) =>
      other.name !== self.name && other.name !== node.name && other.state === "alive";
    for (const other of nodes.pick(settings.indirectChecks, isCandidate)) {
      const nack = canDo(other, "nack");
      if (nack) probe.nacksExpected++;
      const { type: _, ...source } = this.#ping(seqNo, node.name);
      const request = { ...source, target: node.addr, port: node.port, nack };
      this.#host.send(endpointOf(other), { type: "indirect-ping", ...request });
    }
    if (!settings.disableTcpPings && canDo(node, "tcpPing"))
      this.#host.pingByTcp(node, this.#ping(seqNo, node.name), probe.deadline - now);
  }

  #judge(probe: Probe, now: number): void {
    if (probe.tcpAnswered) {
      this.#succeed(now);
      this.#host.answeredOverTcpOnly(probe.node);
      return;
    }
    this.#end(now);
    // Relays that say nothing, not even no, make it likely that the fault is on this side.
    const missing = probe.nacksExpected - Math.min(probe.nacks, probe.nacksExpected);
    this.adjustHealth(probe.nacksExpected > 0 ? missing : 1);
    this.#host.failed(probe.node, probe.incarnation, now);
  }

  #succeed(now: number): void {
    this.#end(now);
    this.adjustHealth(-1);
  }

  /** The tick that came meanwhile is taken now; it is not late, for it had to wait. */
  #end(now: number): void {
    this.#probe = undefined;
    this.#nextAt = Math.max(this.#nextAt, now);
  }

  #ping(seqNo: number, node: string): Ping {
    const { name, addr, port } = this.#host.self;
    return { type: "ping", seqNo, node, sourceAddr: addr, sourcePort: port, sourceNode: name };
  }

  #nextSeqNo(): number {
    this.#seqNo = (this.#seqNo + 1) >>> 0;
    return this.#seqNo;
  }
}
