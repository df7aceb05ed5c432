import { standingsMax } from "./datagram.ts";
import type { NodeId } from "./identity.ts";
import type { Member } from "./member.ts";
import type { Arc, Message } from "./messages_types.ts";
import type { Post } from "./post.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";
import type { SpokenStanding } from "./standing.ts";

/** So many are told directly; more are told in two hops, by groups as large as there are groups. */
const directMax = 32;
/** Of each group, for one may have died together with whom the news is about. */
const relaysPerGroup = 2;
/** News that follow other news through the same relay within this time go together. */
const relayGapMs = 10;
const relayedMax = 4_096;

/** Brings what became of members, and what they say of themselves, to everybody. */
export class News {
  readonly #roster: Roster;
  readonly #self: Self;
  readonly #post: Post;
  readonly #random: () => number;
  /** Standings to be spread by this node unless somebody else does before, and when. */
  readonly #outbox = new Map<NodeId, number>();
  /** What was passed on, so that nothing goes round. */
  readonly #relayed = new Set<string>();
  #queue: { arc: Arc; standings: SpokenStanding[]; from: Member }[] = [];
  #relayFreeAt = -Infinity;

  constructor(roster: Roster, self: Self, post: Post, random: () => number) {
    this.#roster = roster;
    this.#self = self;
    this.#post = post;
    this.#random = random;
  }

  nextDeadline(): number {
    let next = this.#queue.length > 0 ? this.#relayFreeAt : Infinity;
    for (const dueAt of this.#outbox.values()) next = Math.min(next, dueAt);
    return next;
  }

  expire(now: number): void {
    const due = [...this.#outbox].filter(([, dueAt]) => dueAt <= now).map(([id]) => id);
    for (const id of due) this.#outbox.delete(id);
    this.spread(due.flatMap((id) => this.spoken(id)));
    if (this.#queue.length > 0 && this.#relayFreeAt <= now) this.#relayQueued(now);
  }

  /** To everybody that lives, in one hop or two. */
  spread(standings: readonly SpokenStanding[]): void {
    for (const part of chunks(standings, standingsMax))
      this.fanOut((arc) => ({ kind: "verdict", arc, standings: part }));
  }

  /** In a while, unless it is heard from somebody else until then. */
  spreadAt(id: NodeId, dueAt: number): void {
    this.#outbox.set(id, Math.min(this.#outbox.get(id) ?? Infinity, dueAt));
  }

  isSpread(id: NodeId): void {
    this.#outbox.delete(id);
  }

  fanOut(make: (arc: Arc | undefined) => Message): void {
    const living = this.#roster.living();
    if (living.length <= directMax) {
      for (const member of living) this.#post.send(member, make(undefined));
      return;
    }
    for (const group of chunks(living, Math.ceil(Math.sqrt(living.length)))) {
      const arc = { from: group[0]?.id ?? 0, to: group.at(-1)?.id ?? 0 };
      const first = Math.floor(this.#random() * group.length);
      for (let relay = first; relay < first + relaysPerGroup; relay++)
        this.#post.send(group[relay % group.length] as Member, make(arc));
    }
  }

  /** Passes on what was asked to be passed on: at once, or with what follows it closely. */
  relay(arc: Arc, standings: readonly SpokenStanding[], from: Member, now: number): void {
    const isNew = (each: SpokenStanding) => this.#isFirst(`${each.id} ${each.incarnation} ${each.state}`);
    const first = standings.filter(isNew);
    if (first.length === 0) return;
    this.#queue.push({ arc, standings: first, from });
    if (this.#relayFreeAt <= now) this.#relayQueued(now);
  }

  relayFacts(arc: Arc, message: Message & { kind: "facts" }, from: Member): void {
    if (this.#isFirst(`${message.member} ${message.version}`))
      for (const member of this.#audience(arc, from)) this.#post.send(member, { ...message, arc: undefined });
  }

  spoken(id: NodeId): SpokenStanding[] {
    if (id === this.#self.id) return [this.#self.spoken()];
    const member = this.#roster.byId(id);
    return member ? this.#roster.spoken(member) : [];
  }

  #relayQueued(now: number): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#relayFreeAt = now + relayGapMs;
    const perMember = new Map<Member, SpokenStanding[]>();
    for (const { arc, standings, from } of queue)
      for (const member of this.#audience(arc, from)) {
        const present = perMember.get(member);
        if (present) present.push(...standings);
        else perMember.set(member, [...standings]);
      }
    for (const [member, standings] of perMember)
      for (const part of chunks(standings, standingsMax))
        this.#post.send(member, { kind: "verdict", arc: undefined, standings: part });
  }

  #audience(arc: Arc, from: Member): Member[] {
    return this.#roster.within(arc).filter((member) => member.isAlive && member !== from);
  }

  #isFirst(key: string): boolean {
    if (this.#relayed.has(key)) return false;
    for (const oldest of this.#relayed) {
      if (this.#relayed.size < relayedMax) break;
      this.#relayed.delete(oldest);
    }
    this.#relayed.add(key);
    return true;
  }
}

export function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
