import {
  type Boot,
  type Datagram,
  datagramBytesMax,
  decodeDatagram,
  encodeDatagram,
  Ring,
  type RingAction,
  type WitnessAnswer,
} from "#core/membership/ring/mod.ts";
import { type Clock, defaultGateways, errnoName, MemoryBlock, UdpSocket } from "#io/mod.ts";
import type { Source, Timed } from "../loop.ts";
import type { Problems } from "../problems.ts";
import type { HeartbeatPeer, InterfaceState, Report, WorkerOptions } from "../protocol.ts";
import { Authenticator } from "./authenticator.ts";
import { Endpoints } from "./endpoints.ts";
import { GatewayWitness } from "./gateway_witness.ts";
import { ownLinks } from "./own_links.ts";
import { RingReports } from "./ring_reports.ts";

/** Datagrams read before the others have their turn. */
const turnBudget = 256;

export type ToldHandler = (node: string, kind: number, payload: Uint8Array, now: number) => void;
export type VerdictHandler = (node: string, why: "dead" | "left", now: number) => void;
export type FlapsHandler = (count: number, now: number) => void;

/**
 * The ring of watchers in the worker's loop: the socket, the key and the witness of {@link Ring}. That its heartbeats
 * go out vouches for the loop, and so for the answers of this worker, not for the main thread.
 *
 * On a death: the handlers of {@link onVerdict} first, then the report, then the news to others; the dead one's heirs
 * were told before all of it where this node found the death itself.
 */
export class RingDriver implements Source, Timed {
  readonly #node: string;
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  readonly #problems: Problems;
  readonly #ownAddress: string;
  readonly #socket: UdpSocket;
  readonly #authenticator: Authenticator;
  readonly #ring: Ring;
  readonly #endpoints: Endpoints;
  readonly #witness: GatewayWitness;
  readonly #reports: RingReports;
  readonly #toldHandlers: ToldHandler[] = [];
  readonly #verdictHandlers: VerdictHandler[] = [];
  readonly #flapsHandlers: FlapsHandler[] = [];
  readonly #block = new MemoryBlock(2 * (datagramBytesMax + 8) + 1);
  readonly #sent = this.#block.carve(datagramBytesMax);
  /** One byte more than allowed, so that a longer datagram fails its check rather than being cut. */
  readonly #received = this.#block.carve(datagramBytesMax + 1);
  #facts: Uint8Array | undefined;
  #isClosed = false;

  constructor(
    options: WorkerOptions,
    boot: Boot,
    clock: Clock,
    report: (report: Report) => void,
    problems: Problems,
    { random = Math.random, gateways = defaultGateways } = {},
  ) {
    const { node, heartbeatIntervalMs: intervalMs, heartbeatAddress, heartbeatPort, heartbeatKey } = options;
    this.#node = node;
    this.#clock = clock;
    this.#report = report;
    this.#problems = problems;
    this.#ownAddress = heartbeatAddress;
    this.#socket = new UdpSocket(heartbeatAddress, heartbeatPort);
    this.#authenticator = new Authenticator(heartbeatKey);
    this.#ring = new Ring({ node, boot, intervalMs, startedAt: clock.wallMs(), random });
    this.#endpoints = new Endpoints(problems);
    const answer = (each: WitnessAnswer, now: number) => this.#carryOut(this.#ring.witness(each, now), now);
    this.#witness = new GatewayWitness(problems, answer, gateways);
    this.#reports = new RingReports(clock, report);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  /** Where it listens; the kernel's choice where port 0 was asked for. */
  get port(): number {
    return this.#socket.port;
  }

  /** How often this node was lost to the others within ten minutes. */
  get flaps(): number {
    return this.#ring.flaps;
  }

  /** All other speakers. One whose address changes is forgotten with it, and proves itself anew. */
  setPeers(peers: readonly HeartbeatPeer[], now: number): void {
    const others = peers.filter(({ node }) => node !== this.#node);
    const moved = this.#endpoints.set(others, now);
    const known = others.filter(({ node }) => this.#endpoints.of(node));
    if (moved.size > 0)
      this.#carryOut(
        this.#ring.setPeers(
          known.filter(({ node }) => !moved.has(node)),
          now,
        ),
        now,
      );
    const own = peers.find(({ node }) => node === this.#node);
    if (own) this.#ring.setZone(own.zone);
    this.#carryOut(this.#ring.setPeers(known, now), now);
  }

  setHeirs(nodes: readonly string[], now: number): void {
    this.#carryOut(this.#ring.setHeirs(nodes, now), now);
  }

  /** What this node says of itself, at most 1,000 bytes. Nothing happens where they are as before. */
  setFacts(facts: Uint8Array, now: number): void {
    if (this.#facts && Buffer.compare(this.#facts, facts) === 0) return;
    this.#facts = facts;
    this.#report({ type: "facts", node: this.#node, facts });
    this.#carryOut(this.#ring.setFacts(facts, now), now);
  }

  /** This node's interfaces, after each change: one without carrier accuses nobody. */
  setInterfaces(interfaces: readonly InterfaceState[], now: number): void {
    const { links, hasCarrier } = ownLinks(interfaces, this.#ownAddress);
    this.#witness.setLinks(links);
    this.#carryOut(this.#ring.setCarrier(hasCarrier, now), now);
  }

  /** Says something to one node, once; it may be lost, and comes at most once. At most 1,000 bytes. */
  tell(node: string, kind: number, payload: Uint8Array, now: number): void {
    this.#carryOut(this.#ring.tell(node, kind, payload, now), now);
  }

  onTold(handler: ToldHandler): void {
    this.#toldHandlers.push(handler);
  }

  /** A node died or left: called before it is reported. */
  onVerdict(handler: VerdictHandler): void {
    this.#verdictHandlers.push(handler);
  }

  onFlaps(handler: FlapsHandler): void {
    this.#flapsHandlers.push(handler);
  }

  serve(now: number): void {
    for (let count = 0; count < turnBudget && !this.#isClosed; count++) {
      const length = this.#socket.receive(this.#received);
      if (length === 0) return;
      const payload = this.#authenticator.open(this.#received.bytes.subarray(0, length));
      const datagram = payload && decodeDatagram(payload);
      if (datagram === undefined)
        this.#problems.say(
          "Heartbeats arrive that were made with another key: do all speakers have the same?",
          now,
        );
      else if (typeof datagram !== "string") this.#carryOut(this.#ring.receive(datagram, now), now);
      // A kind that is not known here is a newer speaker's, and no problem.
      else if (datagram !== "unknown-kind")
        this.#problems.say(`Heartbeats arrive that cannot be read: ${datagram}`, now);
    }
  }

  nextDeadline(): number {
    if (this.#isClosed) return Infinity;
    return Math.min(this.#ring.nextDeadline(), this.#witness.nextDeadline(), this.#reports.nextDeadline());
  }

  expire(now: number): void {
    if (this.#isClosed) return;
    if (this.#witness.nextDeadline() <= now) this.#witness.expire(now);
    if (this.#ring.nextDeadline() <= now) this.#carryOut(this.#ring.expire(now), now);
    if (this.#reports.nextDeadline() <= now) this.#reports.look(this.#ring.state(now), now);
  }

  /** The last words to all peers. What is told to this node and by it still goes through, until {@link close}. */
  leave(now: number): void {
    this.#carryOut(this.#ring.leave(now), now);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#carryOut(this.#ring.lastWords(), this.#clock.monotonicMs());
    this.#isClosed = true;
    this.#witness.close();
    this.#socket.close();
  }

  #carryOut(actions: readonly RingAction[], now: number): void {
    for (const action of actions) this.#carryOutOne(action, now);
    this.#reports.changed(now);
  }

  #carryOutOne(action: RingAction, now: number): void {
    if (action.type === "send") this.#send(action.to, action.datagram, now);
    else if (action.type === "member") {
      const { node, state } = action;
      if (state !== "alive") for (const handler of this.#verdictHandlers) handler(node, state, now);
      const at = this.#clock.wallMs();
      const lastHeardAt = Math.round(at - (now - action.lastHeardAt));
      this.#report({ type: "member", node, state, lastHeardAt, at });
    } else if (action.type === "facts")
      this.#report({ type: "facts", node: action.node, facts: action.facts });
    else if (action.type === "told")
      for (const handler of this.#toldHandlers) handler(action.node, action.topic, action.payload, now);
    else if (action.type === "flaps") for (const handler of this.#flapsHandlers) handler(action.count, now);
    else if (action.type === "ask-witness") this.#witness.ask(now);
    else this.#report({ type: "settled", at: this.#clock.wallMs() });
  }

  #send(to: string, datagram: Datagram, now: number): void {
    const destination = this.#endpoints.of(to);
    if (!destination || this.#isClosed) return;
    const length = this.#authenticator.seal(encodeDatagram(datagram), this.#sent.bytes);
    const errno = this.#socket.send(this.#sent, length, destination);
    if (errno !== 0) this.#problems.say(`Cannot send heartbeats to ${to}: sendto: ${errnoName(errno)}`, now);
  }
}
