import type { L2Advertisement } from "#core/config/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import { Contest, contestOf } from "./contest.ts";
import { Deadlines } from "./deadlines.ts";
import { type Decider, type Decision, entryOf, heldBefore } from "./entry_of.ts";
import { type Field, fieldOf, type View, viewOf } from "./field.ts";
import { GroupBook } from "./group_book.ts";
import type { AddressGroup, AddressGroups } from "./groups.ts";
import { type Layer2Change, type Layer2Entry, sameEntry } from "./layer2_entry.ts";
import { type Place, placeOf } from "./place.ts";
import { planSpread } from "./spread.ts";
import type { AnnouncedService, GroupFacts, NodeFacts, SpreadPlace } from "./types.ts";

const heirsMax = 32;
const noFacts: GroupFacts = {};
const noSpread: ReadonlyMap<string, SpreadPlace> = new Map();

interface Drawn {
  readonly group: AddressGroup;
  readonly contest: Contest | Reason;
}

/**
 * The layer 2 side of {@link Announcements}: this node's place for every address group, found anew where a fact that
 * the place rests on has changed.
 */
export class Layer2Node {
  readonly #node: string;
  readonly #ignoreExcludeLabel: boolean;
  readonly #groups: AddressGroups;
  readonly #announced: (service: string) => AnnouncedService | undefined;
  readonly #book = new GroupBook();
  readonly #entries = new Map<string, Layer2Entry>();
  readonly #standby = new Map<string, Layer2Entry>();
  readonly #incumbents = new Map<string, string>();
  /** Addresses this node has announced before, for as long as a Service holds them. */
  readonly #known = new Set<string>();
  readonly #fields = new Map<string, Field>();
  readonly #deadlines = new Deadlines();
  #advertisements: readonly L2Advertisement[] = [];
  #view: View;
  /** As of the last decision: from whom an address is taken. */
  #viewBefore: View;
  #spread = noSpread;
  /** Nodes that changed since the last decision. */
  readonly #changed = new Set<string>();
  #standbyVersion = 0;
  #isRefreshed = false;
  #hasDecided = false;

  constructor(
    node: string,
    ignoreExcludeLabel: boolean,
    groups: AddressGroups,
    announced: (service: string) => AnnouncedService | undefined,
  ) {
    this.#node = node;
    this.#ignoreExcludeLabel = ignoreExcludeLabel;
    this.#groups = groups;
    this.#announced = announced;
    this.#view = viewOf({ nodes: [], ignoreExcludeLabel }, 0);
    this.#viewBefore = this.#view;
  }

  setAdvertisements(advertisements: readonly L2Advertisement[]): void {
    this.#advertisements = advertisements;
    this.#isRefreshed = true;
  }

  /** True where every group may be decided otherwise. */
  setNodes(nodes: readonly NodeFacts[], change: readonly NodeFacts[] | "any"): boolean {
    const wereInForce = this.#view.areExtrasInForce;
    this.#view = viewOf({ nodes, ignoreExcludeLabel: this.#ignoreExcludeLabel }, this.#view.nowMs);
    this.#isRefreshed = true;
    if (change === "any" || wereInForce !== this.#view.areExtrasInForce) return true;
    for (const { name } of change) this.#changed.add(name);
    return false;
  }

  /** True where the group may be decided otherwise. */
  setIncumbent(service: string, node: string | undefined): boolean {
    if (this.#incumbents.get(service) === node) return false;
    if (node === undefined) this.#incumbents.delete(service);
    else this.#incumbents.set(service, node);
    return this.#advertisements.some(
      ({ policy }) => policy && (policy.failbackAfterMs > 0 || policy.endpointDelayMs > 0),
    );
  }

  entries(): IterableIterator<Layer2Entry> {
    return this.#entries.values();
  }

  standby(): IterableIterator<Layer2Entry> {
    return this.#standby.values();
  }

  heirs(): string[] {
    const counts = new Map<string, number>();
    for (const { group, place } of this.#book.near()) {
      if (place.is !== "first" || place.heir === undefined) continue;
      counts.set(place.heir, (counts.get(place.heir) ?? 0) + group.addresses.length);
    }
    const heirs = [...counts].sort(([a, most], [b, least]) => least - most || (a < b ? -1 : 1));
    return heirs.slice(0, heirsMax).map(([node]) => node);
  }

  nextDeadline(): number | undefined {
    return this.#view.areExtrasInForce ? this.#deadlines.next : undefined;
  }

  /** Before a decision: the Services whose places rest on nodes that changed, or to which the time made a difference. */
  begin(nowMs: number): { isEverything: boolean; touched: ReadonlySet<string> } {
    const isBack = nowMs < this.#view.nowMs;
    this.#view = { ...this.#view, nowMs };
    if (this.#isRefreshed || isBack) {
      this.#deadlines.set(this.#view.nodes, this.#advertisements, nowMs);
    } else if (this.#view.areExtrasInForce) {
      for (const { name } of this.#deadlines.take(nowMs)) this.#changed.add(name);
    }
    if (this.#isRefreshed || isBack || this.#changed.size > 0) this.#fields.clear();
    // A clock that was set back may hold nodes back again.
    let isEverything = isBack && this.#deadlines.next !== undefined;
    const touched = new Set<string>();
    for (const name of this.#changed) {
      if (name === this.#node) isEverything = true;
      else for (const service of this.#touchedBy(name)) touched.add(service);
    }
    return { isEverything, touched };
  }

  decide(services: Iterable<string>, strayAddresses: Iterable<string>) {
    const changes: Layer2Change[] = [];
    const { ledVersion } = this.#book;
    const standbyVersion = this.#standbyVersion;
    for (const drawn of this.#draw(services).values()) changes.push(...this.#decideGroup(drawn));
    for (const address of strayAddresses) {
      if (this.#groups.holdersOf(address).size > 0) continue;
      this.#known.delete(address);
      const before = this.#entries.get(address);
      if (!before) continue;
      this.#entries.delete(address);
      this.#setStandby(address, undefined);
      changes.push({ address, before });
    }
    this.#changed.clear();
    this.#isRefreshed = false;
    this.#viewBefore = this.#view;
    this.#hasDecided = true;
    return {
      layer2: changes,
      isStandbyChanged: this.#standbyVersion !== standbyVersion,
      areHeirsChanged: this.#book.ledVersion !== ledVersion,
    };
  }

  /** The groups of the Services, and those that the spread moves because of them, with what decides each. */
  #draw(services: Iterable<string>): Map<string, Drawn> {
    const drawn = new Map<string, Drawn>();
    let isSpreadTouched = this.#isRefreshed || this.#changed.size > 0;
    for (const key of services) {
      const group = this.#groups.groupOf(key);
      isSpreadTouched ||= this.#spread.size > 0;
      this.#book.forget(key);
      if (!group || drawn.has(group.firstAddress)) continue;
      const announced = group.services.flatMap((service) => this.#announced(service) ?? []);
      const incumbent = this.#incumbentOf(group);
      const facts = incumbent === undefined ? noFacts : { incumbent };
      const contest = contestOf(announced, group.firstAddress, this.#advertisements, facts);
      drawn.set(group.firstAddress, { group, contest });
      isSpreadTouched ||= contest instanceof Contest && contest.policy.spreadBy !== undefined;
    }
    if (isSpreadTouched) this.#replan(drawn);
    return drawn;
  }

  #replan(drawn: Map<string, Drawn>): void {
    const before = this.#spread;
    const isSpread = this.#advertisements.some(({ policy }) => policy?.isSpread);
    const kept = new Map<string, Drawn>();
    if (isSpread && this.#view.areExtrasInForce) {
      for (const { group, contest } of this.#book.all()) {
        if (contest?.policy.spreadBy !== undefined) kept.set(group.firstAddress, { group, contest });
      }
      const all = [...kept.values(), ...drawn.values()];
      const contests = all.flatMap(({ contest }) => (contest instanceof Contest ? [contest] : []));
      this.#spread = planSpread(contests, (contest) => this.#fieldOf(contest), this.#view);
    } else this.#spread = noSpread;
    for (const [key, each] of kept) {
      const [was, is] = [before.get(key), this.#spread.get(key)];
      if (was?.first !== is?.first || was?.second !== is?.second) drawn.set(key, each);
    }
    for (const [key, { contest }] of drawn) {
      const spread = this.#spread.get(key);
      if (!(contest instanceof Contest) || contest.facts.spread === spread) continue;
      const { spread: _, ...facts } = contest.facts;
      contest.facts = { ...facts, ...(spread && { spread }) };
    }
  }

  #decideGroup({ group, contest }: Drawn): Layer2Change[] {
    const place: Place =
      contest instanceof Contest
        ? placeOf(contest, this.#fieldOf(contest), this.#node, this.#view)
        : { is: "none", why: contest };
    const isNear = place.is === "first" || place.is === "second";
    const isKept = contest instanceof Contest && (isNear || contest.policy.spreadBy !== undefined);
    this.#book.set({ group, place, ...(isKept && { contest }) });
    const decision: Decision = { group, contest, place };
    const by: Decider = {
      node: this.#node,
      view: this.#view,
      isFirstUse: (address) => this.#isFirstUse(address, group),
    };
    const changes: Layer2Change[] = [];
    for (const address of group.addresses) {
      const before = this.#entries.get(address);
      const after = entryOf(address, decision, before, by);
      if (before && sameEntry(before, after)) continue;
      this.#entries.set(address, after);
      this.#setStandby(address, after);
      if (place.is === "first") this.#known.add(address);
      const held = heldBefore(decision, before, this.#viewBefore, this.#node);
      changes.push({ address, after, ...(held && { before: held }) });
    }
    return changes;
  }

  /**
   * Nobody is known to have announced the address. At the start that is believed only where it is known of others who
   * announced them: else a speaker that restarts would ask its own deputy.
   */
  #isFirstUse(address: string, group: AddressGroup): boolean {
    if (this.#known.has(address) || this.#incumbentOf(group) !== undefined) return false;
    if (!this.#hasDecided) return this.#incumbents.size > 0;
    const before = this.#entries.get(address);
    return !before || before.blocked !== undefined;
  }

  /** Of several Services on one address the first by name that knows it. */
  #incumbentOf({ services }: AddressGroup): string | undefined {
    for (const service of services) {
      const node = this.#incumbents.get(service);
      if (node !== undefined) return node;
    }
    return undefined;
  }

  /** The Services of the groups that a change of another node may bring nearer to this one, or farther from it. */
  *#touchedBy(name: string): Generator<string> {
    for (const { group } of this.#book.restingOn(name)) yield* group.services;
    for (const { group, place, contest } of this.#book.near()) {
      if (contest && this.#comesBetween(name, place, contest)) yield* group.services;
    }
  }

  /** Whether the node comes before this one now, or before its heir. */
  #comesBetween(name: string, place: Place, contest: Contest): boolean {
    const { byName } = this.#fieldOf(contest);
    const candidate = byName.get(name);
    if (!candidate || !contest.isLocal(name)) return false;
    const behind = byName.get((place.is === "first" ? place.heir : undefined) ?? this.#node);
    if (!behind || (place.is === "first" && place.heir === undefined)) return true;
    const standing = contest.standing(candidate, this.#view);
    return contest.compare(standing, contest.standing(behind, this.#view)) < 0;
  }

  #fieldOf(contest: Contest): Field {
    let field = this.#fields.get(contest.fieldKey);
    if (!field) {
      field = fieldOf(contest.matched, this.#view);
      this.#fields.set(contest.fieldKey, field);
    }
    return field;
  }

  #setStandby(address: string, entry: Layer2Entry | undefined): void {
    const isSecond = entry?.place === "second";
    if (!isSecond && !this.#standby.has(address)) return;
    this.#standbyVersion++;
    if (isSecond) this.#standby.set(address, entry);
    else this.#standby.delete(address);
  }
}
