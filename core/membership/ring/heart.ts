import type { Member } from "./member.ts";
import { Outside } from "./outside.ts";
import type { RingParts } from "./parts.ts";
import { watchersOf } from "./watchers.ts";

/** Somebody anywhere in the ring is asked this often, for the round trip and for repair. */
const strollMs = 1_000;
/** A run that does not count yet is on its way while it was heard within this time. */
const comingMs = 3_000;
const heirsRepeatMs = 5_000;
export const heirsMax = 32;

/** What happens with each interval: heartbeats to the watchers, and questions to those that are silent or outside. */
export class Heart {
  readonly #parts: RingParts;
  readonly #outside: Outside;
  #beatNumber = 0;
  #nextBeatAt = Infinity;
  #nextStrollAt = -Infinity;
  #heirs: readonly string[] = [];
  #heirsTold = new Map<Member, number>();

  constructor(parts: RingParts) {
    this.#parts = parts;
    this.#outside = new Outside(parts.roster, parts.questions);
  }

  get isBeating(): boolean {
    return this.#nextBeatAt !== Infinity;
  }

  get heirs(): readonly string[] {
    return this.#heirs;
  }

  nextDeadline(): number {
    return this.#nextBeatAt;
  }

  /** Beats while there is anybody to beat for. */
  peersChanged(now: number): void {
    this.#heirsTold.clear();
    if (this.#parts.roster.size === 0) this.stop();
    else if (!this.isBeating) this.#nextBeatAt = now;
  }

  stop(): void {
    this.#nextBeatAt = Infinity;
  }

  setHeirs(nodes: readonly string[]): void {
    const heirs = nodes.slice(0, heirsMax);
    if (heirs.join() !== this.#heirs.join()) this.#heirsTold.clear();
    this.#heirs = heirs;
  }

  expire(now: number): void {
    const { timing, awareness, watch, sync } = this.#parts;
    const lateMs = now - this.#nextBeatAt;
    const isLate = lateMs > timing.lateMs;
    if (isLate) {
      awareness.worse(now);
      watch.shift(lateMs, now);
    }
    // The phase is kept, so that beats come evenly; time that is lost is not made up for.
    this.#nextBeatAt = (isLate ? now : this.#nextBeatAt) + timing.intervalMs;
    awareness.tick(now);
    this.#beat(lateMs, now);
    watch.tick(now);
    this.#outside.tick(now);
    sync.pump(now);
    if (now >= this.#nextStrollAt) this.#stroll(now);
  }

  #beat(lateMs: number, now: number): void {
    const { roster, self, post, awareness } = this.#parts;
    const { incarnation } = self;
    const { digest } = roster;
    const beat = {
      kind: "beat",
      number: ++this.#beatNumber,
      incarnation,
      lateMs,
      awareness: awareness.level,
      digest,
    } as const;
    // Who is on its way into the ring gets beats as well: two that wait for one another's would wait for ever.
    const isComing = ({ candidate }: Member) => candidate !== undefined && now - candidate.heardAt < comingMs;
    const watchers = new Set([
      ...watchersOf(roster, undefined, self.zone),
      ...watchersOf(roster, undefined, self.zone, (each) => roster.isInRing(each) || isComing(each)),
    ]);
    for (const watcher of watchers) {
      if (!watcher) continue;
      post.send(watcher, beat);
      this.#tellHeirs(watcher, now);
    }
  }

  #tellHeirs(watcher: Member, now: number): void {
    const { roster, post } = this.#parts;
    const toldAt = this.#heirsTold.get(watcher) ?? -Infinity;
    // A watcher that never heard of heirs need not be told that there are none.
    if (now - toldAt < heirsRepeatMs || (this.#heirs.length === 0 && toldAt === -Infinity)) return;
    this.#heirsTold.set(watcher, now);
    post.send(watcher, {
      kind: "heirs",
      heirs: this.#heirs.flatMap((node) => roster.get(node)?.id ?? []),
    });
  }

  /** What only neighbours compared would take long to go round the ring. */
  #stroll(now: number): void {
    const { roster, watch, questions, random } = this.#parts;
    this.#nextStrollAt = now + strollMs;
    const pick = (list: readonly Member[]) => list[Math.floor(random() * list.length)];
    const chosen = new Set([pick(roster.living()), pick(watch.targets())]);
    for (const member of chosen) if (member) questions.ask(member, now);
  }
}
