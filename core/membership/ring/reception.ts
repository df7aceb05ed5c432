import type { Datagram } from "./datagram.ts";
import { hear, type Worth } from "./hearing.ts";
import { heirsMax } from "./heart.ts";
import type { Boot } from "./identity.ts";
import type { Losses } from "./losses.ts";
import type { Member } from "./member.ts";
import type { Message, MessageOf } from "./messages_types.ts";
import type { RingParts } from "./parts.ts";
import { supersedes } from "./standing.ts";
import { watchersOf } from "./watchers.ts";

/** Kinds whose sender may not know this run of ours yet, and is told of it. */
const greeted: ReadonlySet<Message["kind"]> = new Set(["beat", "probe", "tell"]);

/** Takes in what others say: each kind of message with what it does. */
export class Reception {
  readonly #parts: RingParts;
  readonly #losses: Losses;
  count = 0;

  constructor(parts: RingParts, losses: Losses) {
    this.#parts = parts;
    this.#losses = losses;
  }

  take(datagram: Datagram, now: number): void {
    this.count++;
    const { roster, self, post, standings, watch } = this.#parts;
    const from = roster.get(datagram.node);
    if (!from) return;
    const worth = hear(from, datagram, self.boot, now);
    const { message, boot } = datagram;
    if (worth === "nothing") return;
    if (worth === "misdirected") this.#greet(from, datagram, now);
    else if (message.kind === "tell") {
      const { topic, payload } = message;
      if (worth === "known") post.put({ type: "told", node: from.node, topic, payload });
    } else if (self.state !== "left") {
      if (worth === "known" && from.standing?.state === "dead") standings.remind(from, now);
      if (message.kind === "beat") this.#takeBeat(from, message, boot, worth, now);
      // The goodbye of a run that was never believed is not that of the run that is.
      else if (message.kind !== "leave" || worth === "known")
        this.#handlers[message.kind]?.(from, message as never, now);
      if (from.suspicion) watch.reconsider();
    }
  }

  /** One that does not know this run of ours, or a recording: the answer names its run, which only a live one knows. */
  #greet(from: Member, { boot, message }: Datagram, now: number): void {
    const { self, timing, post, roster } = this.#parts;
    if (!greeted.has(message.kind) || self.state === "left") return;
    if (now - from.remindedAt < timing.intervalMs / 4) return;
    from.remindedAt = now;
    post.send(from, { kind: "probe", token: 0, digest: roster.digest }, boot);
  }

  #takeBeat(from: Member, beat: MessageOf<"beat">, boot: Boot, worth: Worth, now: number): void {
    const { standings } = this.#parts;
    from.awareness = beat.awareness;
    from.lateMs = beat.lateMs;
    const { incarnation } = beat;
    const isHigher = incarnation > (from.standing?.incarnation ?? -1);
    if (worth !== "candidate" && isHigher) standings.set(from, { boot, incarnation, state: "alive" }, now);
    if (worth === "proven" && isHigher) this.#spreadInTurn(from, now);
    // Its clock went back: it has to go above what is held of its last run.
    if (worth === "proven" && !isHigher) standings.remind(from, now);
    this.#compare(from, beat.digest, now);
  }

  /** Of the watchers that see the same, the first in the ring says so; the next only if it does not. */
  #spreadInTurn(member: Member, now: number): void {
    const { roster, self, news, timing } = this.#parts;
    const watchers = watchersOf(roster, member, self.zone);
    const place = watchers.indexOf(undefined);
    const turn = place === -1 ? watchers.length : place;
    news.spreadAt(member.id, now + (turn * timing.intervalMs) / 5);
  }

  #compare(from: Member, digest: number, now: number): void {
    const { sync, roster } = this.#parts;
    sync.compare(from, digest, roster.areUnknownPresumed, now);
  }

  readonly #handlers: {
    readonly [Kind in Message["kind"]]?: (from: Member, message: MessageOf<Kind>, now: number) => void;
  } = {
    leave: (from, { incarnation, arc }, now) => {
      const { standings, news, roster } = this.#parts;
      const { standing } = from;
      if (!standing) return;
      const left = { boot: standing.boot, incarnation: Math.max(incarnation, standing.incarnation) };
      standings.set(from, { ...left, state: "left" }, now);
      if (arc) news.relay(arc, roster.spoken(from), from, now);
    },
    accuse: (from, message, now) => this.#parts.watch.accuse(from, message, now),
    veto: (_, message, now) => this.#parts.watch.veto(message, now),
    probe: (from, message, now) => {
      // Token 0 is a greeting.
      if (message.token !== 0) this.#parts.questions.answer(from, message);
      this.#compare(from, message.digest, now);
    },
    "probe-for": (from, message, now) => this.#parts.questions.askFor(from, message, now),
    ack: (from, message, now) => {
      const { questions, watch } = this.#parts;
      const vouchedFor = questions.answered(from, message, now);
      if (vouchedFor) {
        vouchedFor.vouchedAt = now;
        watch.reconsider();
      }
      this.#compare(from, message.digest, now);
    },
    verdict: (from, { arc, standings: told }, now) => {
      const { standings, news, roster } = this.#parts;
      for (const each of told) {
        standings.learn(each, from, "news", now);
        const held = roster.byId(each.id)?.standing;
        if (held && !supersedes(held, each)) news.isSpread(each.id);
      }
      if (arc) news.relay(arc, told, from, now);
    },
    facts: (from, message, now) => {
      const { roster, sync, news, post } = this.#parts;
      const member = roster.byId(message.member);
      sync.gotFacts(message.member, message.version);
      if (member && message.version > (member.facts?.version ?? 0)) {
        const { boot, version, facts: bytes } = message;
        member.facts = { boot, version, bytes };
        roster.rehash(member.id, member.standing, message.version);
        post.put({ type: "facts", node: member.node, facts: message.facts });
      }
      if (message.arc) news.relayFacts(message.arc, message, from);
      sync.pump(now);
    },
    heirs: (from, { heirs }) => {
      from.heirs = heirs.slice(0, heirsMax);
    },
    digest: (from, message) => this.#parts.sync.answerDigest(from, message),
    standings: (from, message, now) => {
      const { standings, sync, news, timing, random } = this.#parts;
      for (const each of message.standings) {
        sync.want(each, from);
        if (standings.learn(each, from, "comparison", now))
          news.spreadAt(each.id, now + (1 + random()) * timing.intervalMs);
      }
      if (!message.isReply) sync.answerStandings(from, message);
      sync.pump(now);
    },
    "ask-facts": (from, message) => this.#parts.sync.answerFacts(from, message),
    welcome: (_, { flaps }, now) => this.#losses.told(flaps, now),
  };
}
