import { standingsMax } from "./datagram.ts";
import type { NodeId } from "./identity.ts";
import type { Member } from "./member.ts";
import type { Arc, MessageOf } from "./messages_types.ts";
import { chunks, type News } from "./news.ts";
import type { Post } from "./post.ts";
import { type Roster, stretchCount } from "./roster.ts";
import type { Self } from "./self.ts";
import { type SpokenStanding, supersedes } from "./standing.ts";
import type { Timing } from "./timing.ts";

const syncWaitMaxMs = 30_000;
/** Facts asked for at a time, so that the answers fit into the asker's socket. */
const factsPerQuestion = 32;
const factsAnswerMs = 100;

/**
 * Repair of what was lost on the way. Each beat carries one number over all that its sender knows of the members. Where
 * it differs twice in a row, the two compare the numbers of 64 stretches of the ring, then the standings of those
 * stretches that differ, and ask one another for facts that are newer.
 */
export class Sync {
  readonly #roster: Roster;
  readonly #self: Self;
  readonly #post: Post;
  readonly #news: News;
  readonly #timing: Timing;
  /** Facts that somebody has in a newer version, and who. */
  readonly #wanted = new Map<NodeId, { version: number; from: Member }>();
  #asked = new Set<NodeId>();
  #askedAt = -Infinity;

  constructor(roster: Roster, self: Self, post: Post, news: News, timing: Timing) {
    this.#roster = roster;
    this.#self = self;
    this.#post = post;
    this.#news = news;
    this.#timing = timing;
  }

  /** Holds a member's digest against the own. `isUrgent`: this node has just started and cannot wait for proof. */
  compare(member: Member, digest: number, isUrgent: boolean, now: number): void {
    if (digest === this.#roster.digest) {
      member.mismatches = 0;
      member.syncWaitMs = 0;
      return;
    }
    if (++member.mismatches < 2 && !isUrgent) return;
    if (now < member.syncAt) return;
    // What two do not agree on for long, such as who is listed at all, is not worth a datagram each time.
    member.syncWaitMs = Math.min(Math.max(2 * member.syncWaitMs, this.#timing.intervalMs), syncWaitMaxMs);
    member.syncAt = now + member.syncWaitMs;
    this.#post.send(member, { kind: "digest", stretches: this.#roster.stretches });
  }

  /** All this node knows of the stretches that differ. */
  answerDigest(member: Member, { stretches }: MessageOf<"digest">): void {
    if (stretches.length !== stretchCount) return;
    const own = this.#roster.stretches;
    for (let first = 0; first < stretchCount; first++) {
      if (stretches[first] === own[first]) continue;
      let last = first;
      while (last + 1 < stretchCount && stretches[last + 1] !== own[last + 1]) last++;
      const { from } = this.#roster.arcOf(first);
      const { to } = this.#roster.arcOf(last);
      this.#sendAll(member, { from, to });
      first = last;
    }
  }

  /** What this node holds better than the other, which listed all it has. */
  answerStandings(member: Member, { arc, standings }: MessageOf<"standings">): void {
    const listed = new Map(standings.map((each) => [each.id, each]));
    const better = this.#known(arc).filter((own) => {
      const theirs = listed.get(own.id);
      return !theirs || supersedes(own, theirs) || own.factsVersion > theirs.factsVersion;
    });
    for (const part of chunks(better, standingsMax))
      this.#post.send(member, { kind: "standings", arc, isReply: true, standings: part });
  }

  /** Notes that the sender has newer facts of a member. */
  want(each: SpokenStanding, from: Member): void {
    const member = this.#roster.byId(each.id);
    if (!member || each.factsVersion <= (member.facts?.version ?? 0)) return;
    if (each.factsVersion <= (this.#wanted.get(each.id)?.version ?? 0)) return;
    this.#wanted.set(each.id, { version: each.factsVersion, from });
  }

  gotFacts(id: NodeId, version: number): void {
    if ((this.#wanted.get(id)?.version ?? 0) <= version) this.#wanted.delete(id);
    this.#asked.delete(id);
  }

  /** Asks for the next facts, when those that were asked for have come or are late. */
  pump(now: number): void {
    if (this.#wanted.size === 0 || (this.#asked.size > 0 && now < this.#askedAt + factsAnswerMs)) return;
    const perMember = new Map<Member, NodeId[]>();
    this.#asked = new Set();
    this.#askedAt = now;
    for (const [id, { from }] of this.#wanted) {
      if (this.#asked.size === factsPerQuestion) break;
      this.#asked.add(id);
      const ids = perMember.get(from);
      if (ids) ids.push(id);
      else perMember.set(from, [id]);
      // A question is asked once: what is not answered comes up again with the next digest that differs.
      this.#wanted.delete(id);
    }
    for (const [member, members] of perMember) this.#post.send(member, { kind: "ask-facts", members });
  }

  answerFacts(member: Member, { members }: MessageOf<"ask-facts">): void {
    for (const id of members.slice(0, factsPerQuestion)) {
      const known = id === this.#self.id ? this.#self.spokenFacts : this.#roster.byId(id)?.facts;
      if (!known) continue;
      const { boot, version, bytes: facts } = known;
      this.#post.send(member, { kind: "facts", arc: undefined, member: id, boot, version, facts });
    }
  }

  #sendAll(member: Member, { from, to }: Arc): void {
    const parts = chunks(this.#known({ from, to }), standingsMax);
    let start = from;
    for (const [index, standings] of [...parts, ...(parts.length === 0 ? [[]] : [])].entries()) {
      const end = index >= parts.length - 1 ? to : (standings.at(-1)?.id ?? to);
      this.#post.send(member, {
        kind: "standings",
        arc: { from: start, to: end },
        isReply: false,
        standings,
      });
      start = end + 1;
    }
  }

  /** By id, this node among them. */
  #known(arc: Arc): SpokenStanding[] {
    const others = this.#roster.within(arc).flatMap((each) => this.#roster.spoken(each));
    const { id } = this.#self;
    if (id < arc.from || id > arc.to) return others;
    return [...others, ...this.#news.spoken(id)].sort((a, b) => a.id - b.id);
  }
}
