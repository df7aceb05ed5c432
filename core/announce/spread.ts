import type { L2Advertisement } from "#core/config/mod.ts";
import { Contest, contestOf } from "./contest.ts";
import { type Candidate, type Field, fieldOf, type View, viewOf } from "./field.ts";
import type { AnnouncedService, Cluster, SpreadPlace } from "./types.ts";

/** How much more than the average a node may hold. */
const slack = 1.25;

interface Seeker {
  readonly key: string;
  readonly hash: number;
  /** The best class of its candidates: whom no handicap and no failback policy sets behind another. */
  readonly among: readonly Candidate[];
  at?: Candidate;
  /** Its preference for who refused it last. */
  refusedAt?: number;
}

/**
 * Bounded-load rendezvous hashing: every group goes to the node it prefers by hash, unless that holds
 * {@link capacityOf} groups it is a better match with; then to the next. That is a stable matching, found by deferred
 * acceptance (Gale and Shapley 1962), whose outcome does not depend on the order of the proposals: every speaker with
 * the same facts finds the same. A node that dies moves what it held, and what the bound then pushes on.
 *
 * Preferred nodes come first up to the bound. A group with one able candidate goes there, whatever the bound says, and
 * so does a group that all refuse to the one it prefers.
 */
export function planSpread(
  contests: Iterable<Contest>,
  fieldFor: (contest: Contest) => Field,
  view: View,
): Map<string, SpreadPlace> {
  const domains = new Map<string, Contest[]>();
  for (const contest of contests) {
    const by = contest.policy.spreadBy;
    if (by === undefined) continue;
    const domain = domains.get(by);
    if (domain) domain.push(contest);
    else domains.set(by, [contest]);
  }
  const places = new Map<string, SpreadPlace>();
  for (const domain of domains.values()) {
    for (const [key, place] of match(domain, fieldFor, view)) places.set(key, place);
  }
  return places;
}

/** The same for who elects by hand: the groups with their Services. */
export function spreadOf(
  groups: Iterable<{ services: readonly AnnouncedService[]; firstAddress: string; incumbent?: string }>,
  advertisements: readonly L2Advertisement[],
  cluster: Cluster,
  nowMs: number,
): Map<string, SpreadPlace> {
  const view = viewOf(cluster, nowMs);
  if (!view.areExtrasInForce || !advertisements.some(({ policy }) => policy?.isSpread)) return new Map();
  const contests: Contest[] = [];
  for (const { services, firstAddress, incumbent } of groups) {
    const facts = incumbent === undefined ? {} : { incumbent };
    const contest = contestOf(services, firstAddress, advertisements, facts);
    if (contest instanceof Contest) contests.push(contest);
  }
  const fields = new Map<string, Field>();
  const fieldOfContest = ({ fieldKey, matched }: Contest) => {
    const field = fields.get(fieldKey) ?? fieldOf(matched, view);
    fields.set(fieldKey, field);
    return field;
  };
  return planSpread(contests, fieldOfContest, view);
}

export function capacityOf(groups: number, candidates: number): number {
  return Math.ceil((slack * groups) / Math.max(1, candidates));
}

function match(domain: readonly Contest[], fieldFor: (contest: Contest) => Field, view: View) {
  const classes = new BestClasses(fieldFor, view);
  const seekers = domain.map((contest): Seeker => {
    const among = classes.of(contest);
    const [only] = among;
    const key = contest.firstAddress;
    return { key, hash: hash32(key), among, ...(among.length === 1 && only && { at: only }) };
  });
  const capacity = capacityOf(domain.length, classes.size);
  const weights = new Weights();
  const held = new Map<Candidate, Seeker[]>();
  const room = new Map<Candidate, number>();
  for (const { at } of seekers) if (at) room.set(at, (room.get(at) ?? capacity) - 1);

  let free = seekers.filter(({ at, among }) => !at && among.length > 0);
  while (free.length > 0) {
    const asked = new Set<Candidate>();
    for (const seeker of free) {
      const next = weights.best(seeker, seeker.refusedAt);
      // All have refused it: it stays with the one it prefers, over the bound.
      const at = next ?? (weights.best(seeker) as Candidate);
      seeker.at = at;
      if (!next) continue;
      asked.add(at);
      const holders = held.get(at);
      if (holders) holders.push(seeker);
      else held.set(at, [seeker]);
    }
    free = [];
    for (const candidate of asked) {
      const holders = held.get(candidate) ?? [];
      const most = Math.max(0, room.get(candidate) ?? capacity);
      if (holders.length <= most) continue;
      holders.sort(
        (a, b) => weights.fit(b, candidate) - weights.fit(a, candidate) || (a.key < b.key ? -1 : 1),
      );
      for (const refused of holders.splice(most)) {
        refused.refusedAt = weights.preference(refused, candidate);
        free.push(refused);
      }
    }
  }
  const isFull = (candidate: Candidate) =>
    (held.get(candidate)?.length ?? 0) >= (room.get(candidate) ?? capacity);
  return seekers.flatMap((seeker): [string, SpreadPlace][] => {
    const { at, key } = seeker;
    if (!at) return [];
    const second = weights.second(seeker, at, isFull);
    return [[key, { first: at.node.name, ...(second && { second: second.node.name }) }]];
  });
}

/** Preferences as numbers: the weight by preferredNodeSelectors, then the hash of node and group. */
class Weights {
  readonly #nodes = new Map<Candidate, number>();

  /** How well node and group match; the same for both. */
  fit({ hash }: Seeker, candidate: Candidate): number {
    let node = this.#nodes.get(candidate);
    if (node === undefined) {
      node = hash32(candidate.node.name);
      this.#nodes.set(candidate, node);
    }
    return mixed(hash ^ node);
  }

  preference(seeker: Seeker, candidate: Candidate): number {
    return candidate.score * 2 ** 32 + this.fit(seeker, candidate);
  }

  /** Whom it prefers, of those it likes less than `below`. Equal hashes are told apart by name, so none is asked twice. */
  best(seeker: Seeker, below = Number.POSITIVE_INFINITY): Candidate | undefined {
    let found: Candidate | undefined;
    let most = -1;
    for (const candidate of seeker.among) {
      const preference = this.preference(seeker, candidate);
      if (preference >= below || preference < most) continue;
      if (preference === most && found && found.node.name < candidate.node.name) continue;
      found = candidate;
      most = preference;
    }
    return found;
  }

  /** Whom it would go to next: who has room, else whom it prefers. */
  second(seeker: Seeker, first: Candidate, isFull: (candidate: Candidate) => boolean): Candidate | undefined {
    let found: Candidate | undefined;
    let most = -1;
    for (const candidate of seeker.among) {
      if (candidate === first) continue;
      const preference = this.preference(seeker, candidate) + (isFull(candidate) ? 0 : 2 ** 50);
      if (preference <= most) continue;
      found = candidate;
      most = preference;
    }
    return found;
  }
}

/** The best candidates of groups, found once for all groups that have the same. */
class BestClasses {
  readonly #fieldOf: (contest: Contest) => Field;
  readonly #view: View;
  readonly #shared = new Map<string, readonly Candidate[]>();
  readonly #nodes = new Set<string>();

  constructor(fieldOf: (contest: Contest) => Field, view: View) {
    this.#fieldOf = fieldOf;
    this.#view = view;
  }

  /** How many nodes there are among which the groups asked for so far are spread. */
  get size(): number {
    return this.#nodes.size;
  }

  of(contest: Contest): readonly Candidate[] {
    const key = contest.likeness;
    let best = key === undefined ? undefined : this.#shared.get(key);
    if (!best) {
      best = this.#find(contest);
      if (key !== undefined) this.#shared.set(key, best);
      for (const { node } of best) this.#nodes.add(node.name);
    }
    return best;
  }

  #find(contest: Contest): Candidate[] {
    let best: Candidate[] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of this.#fieldOf(contest).candidates) {
      if (!contest.isLocal(candidate.node.name)) continue;
      const { handicap, young, wait } = contest.standing(candidate, this.#view);
      const rank = (handicap * 2 + young) * 2 + wait;
      if (rank > least) continue;
      if (rank < least) best = [];
      least = rank;
      best.push(candidate);
    }
    return best;
  }
}

/** FNV-1a over the text's UTF-16 units, made even by {@link mixed}. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3 (Appleby, public domain), unsigned. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
