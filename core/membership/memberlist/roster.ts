import { assert } from "#core/bytes/mod.ts";
import type { Action, MemberView } from "./actions.ts";
import { confirmationsWanted, suspicionTimeoutMs } from "./formulas.ts";
import type { Alive, Dead, PacketMessage, PushNodeState, Suspect } from "./messages.ts";
import { endpointOf, isGone, type Node, NodeTable } from "./node_table.ts";
import type { MemberlistSettings } from "./settings.ts";
import { Suspicion } from "./suspicion.ts";

/** Bound of what a stranger on an unprotected network can make this node remember. */
export const membersMax = 4096;

export interface RosterHost {
  readonly name: string;
  /** Of members whose protocol is too old to say theirs. */
  readonly port: number;
  readonly settings: MemberlistSettings;
  readonly random: () => number;
  emit(action: Action): void;
  /** Gossips it; what was still to be said about the same member is void. */
  broadcast(message: PacketMessage & { node: string }, finished?: () => void): void;
  /** This node had to deny something: its health is worse by one. */
  accused(accuser: string): void;
  /** Says it to one member alone, and at once. */
  tell(node: Node, message: PacketMessage): void;
}

/**
 * Who is a member and in which state: what memberlist's `aliveNode`, `suspectNode`, `deadNode` and `mergeState` decide.
 * A message counts by its incarnation, which only its subject may raise: newer alive beats suspect and dead, and of one
 * incarnation dead beats suspect beats alive (SWIM, section 4.2).
 */
export class Roster {
  readonly nodes: NodeTable;
  readonly #host: RosterHost;
  readonly #suspicions = new Map<string, Suspicion>();
  #incarnation = 0;
  #hasLeft = false;

  constructor(host: RosterHost) {
    this.#host = host;
    this.nodes = new NodeTable(host.random);
  }

  nextDeadline(): number {
    let deadline = Infinity;
    for (const suspicion of this.#suspicions.values()) deadline = Math.min(deadline, suspicion.deadline);
    return deadline;
  }

  /** Suspects whose respite is over are dead. */
  expire(now: number): void {
    for (const [name, suspicion] of this.#suspicions) {
      if (suspicion.deadline > now) continue;
      const node = this.nodes.get(name);
      assert(node, "a suspect is a member");
      this.dead({ type: "dead", incarnation: node.incarnation, node: name, from: this.#host.name }, now);
    }
  }

  suspicionOf(name: string): Suspicion | undefined {
    return this.#suspicions.get(name);
  }

  doubt(lateMs: number): void {
    for (const suspicion of this.#suspicions.values()) suspicion.putOff(suspicion.deadline + lateMs);
  }

  /** This node comes to life, or has new metadata: its own word, so nobody is asked and nothing denied. */
  aliveMyself(node: Omit<Alive, "type" | "incarnation">, now: number): void {
    this.#incarnation = (this.#incarnation + 1) >>> 0;
    const known = this.nodes.get(node.node);
    const message: Alive = { type: "alive", ...node, incarnation: this.#incarnation };
    if (!known) this.nodes.add({ ...fieldsOf(message), name: node.node, state: "alive", since: now });
    else Object.assign(known, fieldsOf(message));
    this.#host.broadcast(message);
  }

  /** The last word of a node that stops: from now on it denies nothing. Undefined when it was said before. */
  leave(now: number, told: () => void): Dead | undefined {
    this.#hasLeft = true;
    const { name } = this.#host;
    const node = this.nodes.get(name);
    if (!node || isGone(node)) return undefined;
    Object.assign(node, { state: "left", since: now });
    const goodbye: Dead = { type: "dead", incarnation: node.incarnation, node: name, from: name };
    this.#host.broadcast(goodbye, told);
    return goodbye;
  }

  alive(heard: Alive, now: number): void {
    const { name } = this.#host;
    const message = heard.port === 0 ? { ...heard, port: this.#host.port } : heard;
    const isMyself = message.node === name;
    const [least = 1, most = 1] = message.vsn;
    const isNonsense = message.node === "" || message.addr === "";
    const isVersionWrong = message.vsn.length > 0 && (least === 0 || most === 0 || least > most);
    if ((isMyself && this.#hasLeft) || isNonsense || isVersionWrong) return;
    const known = this.nodes.get(message.node);
    if (!known) {
      if (isMyself || this.nodes.size >= membersMax) return;
      const node: Node = { ...fieldsOf(message), name: message.node, state: "alive", since: now };
      this.nodes.add(node);
      this.#host.broadcast(message);
      this.#host.emit({ type: "member", member: this.view(node) });
      return;
    }
    const hasMoved = known.addr !== message.addr || known.port !== message.port;
    // Who left may come back elsewhere; who is alive, suspect or dead keeps its address until it is forgotten.
    if (hasMoved && known.state !== "left") {
      const claimed = { address: message.addr, port: message.port };
      this.#host.emit({ type: "conflict", node: known.name, held: endpointOf(known), claimed });
      return;
    }
    if (isMyself) this.#hearOfMyself(known, message);
    else if (message.incarnation > known.incarnation || hasMoved) this.#revive(known, message, now);
  }

  suspect(message: Suspect, now: number): void {
    const node = this.nodes.get(message.node);
    if (!node || this.#isOver(node, message)) return;
    const suspicion = this.#suspicions.get(node.name);
    if (suspicion) {
      // An accuser that is new is passed on, so that independent ones add up everywhere.
      if (suspicion.confirm(message.from)) this.#host.broadcast(message);
      return;
    }
    if (node.state !== "alive") return;
    if (node.name === this.#host.name) {
      this.#refute(node, message.incarnation, message.from);
      return;
    }
    this.#host.broadcast(message);
    node.incarnation = message.incarnation;
    this.#suspicions.set(node.name, new Suspicion(message.from, this.#limits(), now));
    this.#turn(node, "suspect", now);
  }

  dead(message: Dead, now: number): void {
    const node = this.nodes.get(message.node);
    if (!node || this.#isOver(node, message)) return;
    const isMyself = node.name === this.#host.name;
    if (!isMyself) this.#suspicions.delete(node.name);
    if (isGone(node)) return;
    if (isMyself) {
      this.#refute(node, message.incarnation, message.from);
      return;
    }
    this.#host.broadcast(message);
    node.incarnation = message.incarnation;
    this.#turn(node, message.from === message.node ? "left" : "dead", now);
  }

  /** Another's list: whom it holds for dead is only suspected here, so that the accused can still deny it. */
  merge(states: readonly PushNodeState[], now: number): void {
    for (const { name: node, addr, port, meta, incarnation, state, vsn } of states) {
      if (state === "alive") this.alive({ type: "alive", incarnation, node, addr, port, meta, vsn }, now);
      else if (state === "left") this.dead({ type: "dead", incarnation, node, from: node }, now);
      else this.suspect({ type: "suspect", incarnation, node, from: this.#host.name }, now);
    }
  }

  restore(states: readonly PushNodeState[], now: number): void {
    for (const { name, ...known } of states)
      if (name !== this.#host.name && !this.nodes.get(name)) this.nodes.add({ name, ...known, since: now });
  }

  view(node: Node): MemberView {
    const suspicion = this.#suspicions.get(node.name);
    return { ...node, ...(suspicion ? { accusers: suspicion.accusers } : {}) };
  }

  /** An old word of an earlier run, or of another host under this name: a newer one makes it void. */
  #hearOfMyself(node: Node, message: Alive): void {
    if (message.incarnation < node.incarnation) return;
    const isTheSame =
      message.incarnation === node.incarnation &&
      sameBytes(message.meta, node.meta) &&
      sameBytes(message.vsn, node.vsn);
    if (!isTheSame) this.#refute(node, message.incarnation, message.node);
  }

  #revive(node: Node, message: Alive, now: number): void {
    this.#suspicions.delete(node.name);
    this.#host.broadcast(message);
    const { state: was } = node;
    const isNews =
      was !== "alive" ||
      !sameBytes(node.meta, message.meta) ||
      node.addr !== message.addr ||
      node.port !== message.port;
    const vsn = message.vsn.length > 0 ? message.vsn : node.vsn;
    Object.assign(node, fieldsOf(message), { vsn });
    if (was !== "alive") Object.assign(node, { state: "alive", since: now });
    if (isNews) this.#host.emit({ type: "member", member: this.view(node), was });
  }

  /**
   * Said of an incarnation that is no more. Who says it of this node did not hear its denial, and in memberlist would
   * not until the next full exchange: it is told again.
   */
  #isOver(node: Node, { incarnation, from }: Suspect | Dead): boolean {
    if (incarnation >= node.incarnation) return false;
    const accuser = this.nodes.get(from);
    if (node.name === this.#host.name && accuser && accuser !== node && !this.#hasLeft)
      this.#host.tell(accuser, aliveOf(node));
    return true;
  }

  #refute(node: Node, accusedOf: number, accuser: string): void {
    this.#incarnation = (Math.max(this.#incarnation, accusedOf) + 1) >>> 0;
    node.incarnation = this.#incarnation;
    this.#host.broadcast(aliveOf(node));
    this.#host.accused(accuser);
  }

  #turn(node: Node, state: Node["state"], now: number): void {
    const { state: was } = node;
    Object.assign(node, { state, since: now });
    this.#host.emit({ type: "member", member: this.view(node), was });
  }

  #limits() {
    const { suspicionMult, suspicionMaxTimeoutMult, probeIntervalMs } = this.#host.settings;
    const minMs = suspicionTimeoutMs(suspicionMult, this.nodes.size, probeIntervalMs);
    const wanted = confirmationsWanted(suspicionMult, this.nodes.size);
    return { wanted, minMs, maxMs: suspicionMaxTimeoutMult * minMs };
  }
}

function aliveOf({ name, incarnation, addr, port, meta, vsn }: Node): Alive {
  return { type: "alive", incarnation, node: name, addr, port, meta, vsn };
}

function fieldsOf({ addr, port, meta, vsn, incarnation }: Omit<Alive, "type">) {
  return { addr, port, meta, vsn, incarnation };
}

function sameBytes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (byte, at) => byte === b[at]);
}
