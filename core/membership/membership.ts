import type { Boot, Heartbeat } from "./heartbeat.ts";
import { beatsToBelieve, type Member, type MemberEvent, newMember, transition } from "./member.ts";

export interface MembershipOptions {
  node: string;
  boot: Boot;
  intervalMs: number;
}

export type MembershipAction =
  /** The edge adds the time, authenticates it and sends it to the node's endpoint. */
  | { type: "send"; beat: Omit<Heartbeat, "sentAt">; to: string }
  | { type: "member"; node: string; state: "alive" | "dead" | "left"; lastHeardAt: number }
  /** Once: every peer that lives has had the time to be heard. */
  | { type: "settled" };

/** Silence of this many intervals is death. */
export const silentIntervals = 4;
/** A beat that says whom it hears, the proof, and as long again as the dead are waited for. */
const settleIntervals = 1 + beatsToBelieve + silentIntervals;
/** Goodbyes are repeated, for nobody asks for a lost one. */
const goodbyes = 3;

/**
 * Who lives, by a heartbeat that each node pushes to each other. Deterministic: time comes in as an argument in
 * monotonic milliseconds, heartbeats come in authenticated, and what is to be done comes out as actions.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #silenceMs: number;
  readonly #members = new Map<string, Member>();
  /** When each living member counts as silent. All waits are equally long, so the order of insertion is that of time. */
  readonly #silentAt = new Map<string, number>();
  #sequence = 0;
  #nextBeatAt = Infinity;
  /** Undefined before the first peers. */
  #settlesAt: number | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#silenceMs = silentIntervals * options.intervalMs;
  }

  /** Infinity when there is nobody to speak to. */
  nextDeadline(): number {
    const [silentAt = Infinity] = this.#silentAt.values();
    return Math.min(this.#nextBeatAt, silentAt, this.#settlesAt ?? Infinity);
  }

  /** The names of all other nodes. One that is gone from the list is forgotten, without a verdict. */
  setPeers(nodes: readonly string[], now: number): MembershipAction[] {
    const peers = new Set(nodes);
    peers.delete(this.#options.node);
    for (const node of this.#members.keys()) {
      if (peers.has(node)) continue;
      this.#members.delete(node);
      this.#silentAt.delete(node);
    }
    for (const node of peers) if (!this.#members.has(node)) this.#members.set(node, newMember(node));
    if (peers.size === 0) this.#nextBeatAt = Infinity;
    else if (this.#nextBeatAt === Infinity) this.#nextBeatAt = now;
    this.#settlesAt ??= now + settleIntervals * this.#options.intervalMs;
    return this.#settle(now);
  }

  /** Takes a heartbeat whose authenticity was checked; one of a node that is no peer changes nothing. */
  receive(beat: Heartbeat, now: number): MembershipAction[] {
    const member = this.#members.get(beat.node);
    return member ? [...this.#step(member, { type: "beat", beat }, now), ...this.#settle(now)] : [];
  }

  /** Carries out what is due: beats, verdicts, the end of settling. What waits in the socket is to be taken in first. */
  expire(now: number): MembershipAction[] {
    const actions: MembershipAction[] = [];
    if (this.#nextBeatAt <= now) {
      this.#doubt(now, now - this.#nextBeatAt);
      this.#nextBeatAt = now + this.#options.intervalMs;
      actions.push(...this.#beats("beat"));
    }
    for (const [node, silentAt] of this.#silentAt) {
      if (silentAt > now) break;
      const member = this.#members.get(node);
      if (member) actions.push(...this.#step(member, { type: "silence" }, now));
    }
    return [...actions, ...this.#settle(now)];
  }

  /** The last words of a node that stops. */
  leave(): MembershipAction[] {
    this.#nextBeatAt = Infinity;
    return Array.from({ length: goodbyes }, () => this.#beats("leave")).flat();
  }

  #beats(kind: Heartbeat["kind"]): MembershipAction[] {
    const { node, boot } = this.#options;
    const sequence = ++this.#sequence;
    return Array.from(this.#members.values(), (member) => {
      const receiverBoot = member.candidate?.boot ?? member.boot;
      return { type: "send", beat: { kind, node, boot, receiverBoot, sequence }, to: member.node };
    });
  }

  #step(member: Member, event: MemberEvent, now: number): MembershipAction[] {
    const next = transition(member, event, { now, ownBoot: this.#options.boot });
    if (next === member) return [];
    const { node, state, lastHeardAt } = next;
    this.#members.set(node, next);
    if (state !== "alive") this.#silentAt.delete(node);
    else if (next.sequence !== member.sequence || next.boot !== member.boot) {
      this.#silentAt.delete(node);
      this.#silentAt.set(node, now + this.#silenceMs);
    }
    return state === member.state || state === "unknown"
      ? []
      : [{ type: "member", node, state, lastHeardAt }];
  }

  /**
   * Self-doubt: who wakes late by more than half an interval was not listening, so nobody was silent meanwhile. Every
   * deadline moves by the delay, though never beyond a silence that begins now.
   */
  #doubt(now: number, lateMs: number): void {
    if (lateMs <= this.#options.intervalMs / 2) return;
    for (const [node, silentAt] of this.#silentAt)
      this.#silentAt.set(node, Math.min(silentAt + lateMs, now + this.#silenceMs));
  }

  #settle(now: number): MembershipAction[] {
    if (this.#settlesAt === undefined || this.#settlesAt === Infinity) return [];
    const isEverybodyHeard = [...this.#members.values()].every((member) => member.state === "alive");
    if (now < this.#settlesAt && !isEverybodyHeard) return [];
    this.#settlesAt = Infinity;
    return [{ type: "settled" }];
  }
}
