import { type Datagram, payloadBytesMax } from "./datagram.ts";
import { Heart } from "./heart.ts";
import { Losses } from "./losses.ts";
import { buildParts, type RingOptions, type RingParts } from "./parts.ts";
import type { RingAction } from "./post.ts";
import { Reception } from "./reception.ts";
import type { RingPeer } from "./roster.ts";
import { type RingState, ringState } from "./state.ts";
import { Verdicts } from "./verdicts.ts";
import type { WitnessAnswer } from "./witness.ts";

/** Goodbyes are repeated, for nobody asks for a lost one: so long after the first. */
const goodbyesMs = [0, 30, 90] as const;

/**
 * The ring of watchers: who of the fellow speakers lives, what each says of itself, and who is told what.
 *
 * Deterministic: time comes in as monotonic ms, datagrams come in authenticated, and what is to be done comes out as
 * actions, in their order. What waits in the socket is to be taken in before {@link expire}.
 */
export class Ring {
  readonly #parts: RingParts;
  readonly #heart: Heart;
  readonly #losses: Losses;
  readonly #reception: Reception;
  readonly #verdicts: Verdicts;
  /** Undefined before the first peers, Infinity once it has settled. */
  #settlesAt: number | undefined;
  #goodbyesAt: number[] = [];

  constructor(options: RingOptions) {
    this.#parts = buildParts(options);
    this.#heart = new Heart(this.#parts);
    this.#losses = new Losses(this.#parts.post);
    this.#reception = new Reception(this.#parts, this.#losses);
    this.#verdicts = new Verdicts(this.#parts);
  }

  /** Infinity when there is nobody to speak to. */
  nextDeadline(): number {
    const { watch, news, standings } = this.#parts;
    return Math.min(
      this.#heart.nextDeadline(),
      this.#settlesAt ?? Infinity,
      this.#goodbyesAt[0] ?? Infinity,
      this.#heart.isBeating ? watch.nextDeadline() : Infinity,
      news.nextDeadline(),
      standings.nextDeadline(),
    );
  }

  /** All other speakers that the cluster lists. One that is gone from the list is forgotten, without a verdict. */
  setPeers(peers: readonly RingPeer[], now: number): RingAction[] {
    const { roster, self, timing } = this.#parts;
    if (roster.setPeers(peers) && self.state === "alive") this.#heart.peersChanged(now);
    this.#settlesAt ??= now + timing.settleMs;
    return this.#done(now);
  }

  /** Zone of this node: watchers are chosen over different ones. */
  setZone(zone: string | undefined): void {
    this.#parts.self.zone = zone;
    this.#parts.roster.version++;
  }

  /** Who takes over from this node, most addresses first: whoever finds it dead tells these first. */
  setHeirs(nodes: readonly string[], now: number): RingAction[] {
    this.#heart.setHeirs(nodes);
    return this.#done(now);
  }

  /** What this node says of itself, at most {@link payloadBytesMax} bytes; every member gets it. */
  setFacts(facts: Uint8Array, now: number): RingAction[] {
    if (facts.length > payloadBytesMax)
      throw new RangeError(`Cannot say ${facts.length} bytes of facts: ${payloadBytesMax} fit`);
    const { self, standings } = this.#parts;
    self.setFacts(facts);
    standings.spreadOwnFacts();
    return this.#done(now);
  }

  /** Says something to one member, once: it may be lost. Nothing is sent to one whose run is not known yet. */
  tell(node: string, topic: number, payload: Uint8Array, now: number): RingAction[] {
    if (payload.length > payloadBytesMax)
      throw new RangeError(`Cannot tell ${payload.length} bytes: ${payloadBytesMax} fit`);
    const { roster, post } = this.#parts;
    const member = roster.get(node);
    if (member && member.receiverBoot !== 0) post.send(member, { kind: "tell", topic, payload });
    return this.#done(now);
  }

  /** Whether this node's own link has a carrier. Without one it accuses nobody. */
  setCarrier(hasCarrier: boolean, now: number): RingAction[] {
    const { watch } = this.#parts;
    watch.hasCarrier = hasCarrier;
    watch.reconsider();
    return this.#done(now);
  }

  /** The answer to `ask-witness`. */
  witness(answer: WitnessAnswer, now: number): RingAction[] {
    const { witness, watch } = this.#parts;
    witness.answered(answer, now);
    watch.reconsider();
    return this.#done(now);
  }

  /** Takes a datagram whose proof was checked; one of a node that is not listed changes nothing. */
  receive(datagram: Datagram, now: number): RingAction[] {
    this.#reception.take(datagram, now);
    return this.#done(now);
  }

  /** Carries out what is due. */
  expire(now: number): RingAction[] {
    const { watch, news, standings } = this.#parts;
    if (this.#heart.nextDeadline() <= now) {
      this.#heart.expire(now);
      this.#losses.tick(now);
    }
    while ((this.#goodbyesAt[0] ?? Infinity) <= now) {
      this.#goodbyesAt.shift();
      this.#sayGoodbye();
    }
    news.expire(now);
    standings.expire(now);
    if (this.#heart.isBeating && watch.nextDeadline() <= now) this.#verdicts.publish(watch.judge(now), now);
    return this.#done(now);
  }

  /** The last words of a node that stops: heirs first, then everybody, more than once. Only tells follow. */
  leave(now: number): RingAction[] {
    const { self, roster, post } = this.#parts;
    if (self.state === "left") return [];
    self.leave();
    this.#heart.stop();
    this.#goodbyesAt = goodbyesMs.map((after) => now + after);
    const { incarnation } = self;
    for (const node of this.#heart.heirs) {
      const heir = roster.get(node);
      if (heir) post.send(heir, { kind: "leave", incarnation, arc: undefined });
    }
    return this.expire(now);
  }

  /** For a process that ends before its goodbyes were repeated: the rest of them at once. */
  lastWords(): RingAction[] {
    for (const _ of this.#goodbyesAt.splice(0)) this.#sayGoodbye();
    return this.#parts.post.take();
  }

  /** How often this node was lost to the others within ten minutes. */
  get flaps(): number {
    return this.#losses.count;
  }

  state(now: number): RingState {
    const { roster, self, watch, awareness, standings, post, log } = this.#parts;
    return ringState({
      roster,
      targets: watch.targets(),
      zone: self.zone,
      incarnation: self.incarnation,
      awareness: awareness.level,
      hasCarrier: watch.hasCarrier,
      isSettled: this.#settlesAt === Infinity,
      flapsOf: (member) => standings.flaps(member, now),
      flaps: this.flaps,
      verdicts: log.last,
      sent: post.sentCount,
      received: this.#reception.count,
    });
  }

  #sayGoodbye(): void {
    const { news, self } = this.#parts;
    const { incarnation } = self;
    news.fanOut((arc) => ({ kind: "leave", incarnation, arc }));
  }

  #done(now: number): RingAction[] {
    this.#settle(now);
    return this.#parts.post.take();
  }

  #settle(now: number): void {
    const { roster, post } = this.#parts;
    if (this.#settlesAt === undefined || this.#settlesAt === Infinity) return;
    if (now < this.#settlesAt && roster.unknownCount > 0) return;
    this.#settlesAt = Infinity;
    roster.areUnknownPresumed = false;
    roster.version++;
    post.put({ type: "settled" });
  }
}
