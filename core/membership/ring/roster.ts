import { idsEnd, type NodeId, nodeId } from "./identity.ts";
import { Member, type Remembrance, remember, revive, setStanding } from "./member.ts";
import type { Arc } from "./messages_types.ts";
import { type SpokenStanding, type Standing, standingHash } from "./standing.ts";

/** A fellow speaker as the main thread lists it. */
export interface RingPeer {
  readonly node: string;
  readonly zone?: string | undefined;
}

/** Stretches of the ring whose digests are compared: some 16 members each among 1,000. */
export const stretchCount = 64;
const stretchSize = idsEnd / stretchCount;
const remembrancesMax = 1_024;

/** All members in the order of the ring, who of them counts as living, and digests of what is known of them. */
export class Roster {
  readonly #byNode = new Map<string, Member>();
  readonly #byId = new Map<NodeId, Member>();
  /** By id, ascending. */
  #order: Member[] = [];
  readonly #remembrances = new Map<string, Remembrance>();
  readonly #stretches = new Uint32Array(stretchCount);
  readonly #hashes = new Map<NodeId, number>();
  #digest = 0;
  #unknown = 0;
  /** Starts a datagram count that is above whatever a forgotten member was sent. */
  #sequenceFloor = 0;
  /** Grows with every change of who is in the ring. */
  version = 0;
  /** Until a node has settled, whom it never heard of may live. */
  areUnknownPresumed = true;

  readonly ownId: NodeId;

  constructor(readonly ownNode: string) {
    this.ownId = nodeId(ownNode);
  }

  get digest(): number {
    return this.#digest;
  }
  get stretches(): readonly number[] {
    return [...this.#stretches];
  }
  get unknownCount(): number {
    return this.#unknown;
  }
  get size(): number {
    return this.#order.length;
  }

  get(node: string): Member | undefined {
    return this.#byNode.get(node);
  }

  byId(id: NodeId): Member | undefined {
    return this.#byId.get(id);
  }

  /** In the order of the ring. */
  members(): readonly Member[] {
    return this.#order;
  }

  /** Replaces the list of fellow speakers; true when somebody came or went. */
  setPeers(peers: readonly RingPeer[]): boolean {
    const wanted = new Map(peers.map((peer) => [peer.node, peer]));
    wanted.delete(this.ownNode);
    let isChanged = false;
    for (const member of this.#order) {
      if (wanted.has(member.node)) continue;
      this.#forget(member);
      isChanged = true;
    }
    for (const { node, zone } of wanted.values()) {
      const present = this.#byNode.get(node);
      if (present && present.zone !== zone) this.version++;
      const member = present ?? this.#enrol(node);
      member.zone = zone;
      isChanged ||= !present;
    }
    if (isChanged) {
      this.#order = [...this.#byNode.values()].sort((a, b) => a.id - b.id);
      this.version++;
    }
    return isChanged;
  }

  /** Takes a standing and keeps the counts and digests that follow from it. */
  setStanding(member: Member, standing: Standing): void {
    this.#count(member, -1);
    setStanding(member, standing);
    this.#count(member, 1);
    this.version++;
    this.rehash(member.id, standing, member.facts?.version ?? 0);
  }

  /** A member's part of the digests, or this node's own. */
  rehash(id: NodeId, standing: Standing | undefined, factsVersion: number): void {
    const before = this.#hashes.get(id) ?? 0;
    const after = standing ? standingHash(id, standing, factsVersion) : 0;
    this.#hashes.set(id, after);
    const stretch = Math.floor(id / stretchSize);
    this.#stretches[stretch] = ((this.#stretches[stretch] ?? 0) ^ before ^ after) >>> 0;
    this.#digest = (this.#digest ^ before ^ after) >>> 0;
  }

  /** The stretch of the ring that a digest stands for. */
  arcOf(stretch: number): Arc {
    return { from: stretch * stretchSize, to: (stretch + 1) * stretchSize - 1 };
  }

  within({ from, to }: Arc): Member[] {
    return this.#order.filter(({ id }) => id >= from && id <= to);
  }

  living(): Member[] {
    return this.#order.filter((member) => member.isAlive);
  }

  isInRing(member: Member): boolean {
    return member.isAlive || (this.areUnknownPresumed && !member.standing);
  }

  /** Members from an id on, upwards around the ring, each once. This node itself is among them, as undefined. */
  *after(id: NodeId): Generator<Member | undefined> {
    yield* this.#walk(id, 1);
  }

  *before(id: NodeId): Generator<Member | undefined> {
    yield* this.#walk(id, -1);
  }

  *#walk(id: NodeId, step: 1 | -1): Generator<Member | undefined> {
    const order = this.#order;
    const count = order.length;
    let index = this.#firstAtLeast(id);
    if (step === 1 && order[index]?.id === id) index++;
    if (step === -1) index--;
    let previous = id;
    let isOwnDue = id !== this.ownId;
    for (let taken = 0; taken < count; taken++, index += step) {
      const member = order[((index % count) + count) % count] as Member;
      if (isOwnDue && isBetween(this.ownId, previous, member.id, step)) {
        isOwnDue = false;
        yield undefined;
      }
      if (member.id === id) continue;
      yield member;
      previous = member.id;
    }
    if (isOwnDue) yield undefined;
  }

  #firstAtLeast(id: NodeId): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle]?.id ?? idsEnd) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Everything known, as it is passed on. */
  spoken(member: Member, silentMs = 0): SpokenStanding[] {
    const { id, standing, facts } = member;
    return standing ? [{ id, ...standing, factsVersion: facts?.version ?? 0, silentMs }] : [];
  }

  #enrol(node: string): Member {
    const member = new Member(node);
    const remembrance = this.#remembrances.get(node);
    member.sequence = this.#sequenceFloor;
    if (remembrance) revive(member, remembrance);
    this.#byNode.set(node, member);
    this.#byId.set(member.id, member);
    this.#unknown++;
    return member;
  }

  #forget(member: Member): void {
    this.#count(member, -1);
    this.rehash(member.id, undefined, 0);
    this.#hashes.delete(member.id);
    this.#byNode.delete(member.node);
    this.#byId.delete(member.id);
    this.#sequenceFloor = Math.max(this.#sequenceFloor, member.sequence);
    this.#remembrances.delete(member.node);
    this.#remembrances.set(member.node, remember(member));
    for (const oldest of this.#remembrances.keys()) {
      if (this.#remembrances.size <= remembrancesMax) break;
      this.#remembrances.delete(oldest);
    }
  }

  #count(member: Member, by: 1 | -1): void {
    if (!member.standing) this.#unknown += by;
  }
}

/** On the way from `start` in the direction of `step`, `id` comes before `end`. */
function isBetween(id: NodeId, start: NodeId, end: NodeId, step: 1 | -1): boolean {
  const way = (to: NodeId) => ((((to - start) * step) % idsEnd) + idsEnd) % idsEnd || idsEnd;
  return way(id) < way(end);
}
