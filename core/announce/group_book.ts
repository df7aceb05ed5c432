import type { Contest } from "./contest.ts";
import type { AddressGroup } from "./groups.ts";
import type { Place } from "./place.ts";

/** What was decided for a group, and on whom it rests. */
export interface DecidedGroup {
  readonly group: AddressGroup;
  readonly place: Place;
  /** Undefined where the group is announced by nobody, whatever the nodes. */
  readonly contest?: Contest;
}

/**
 * The groups as they were decided, found by the nodes that their decision rests on. Where two nodes come before this
 * one, only a change of these two can bring it nearer: so a node that dies or returns touches few groups.
 */
export class GroupBook {
  readonly #byKey = new Map<string, DecidedGroup>();
  readonly #keyOf = new Map<string, string>();
  readonly #watching = new Map<string, Set<string>>();
  readonly #near = new Set<string>();
  /** Grows with every change of a group that this node leads. */
  ledVersion = 0;

  get(firstAddress: string): DecidedGroup | undefined {
    return this.#byKey.get(firstAddress);
  }

  all(): IterableIterator<DecidedGroup> {
    return this.#byKey.values();
  }

  /** In the place of whatever its Services belonged to before. */
  set(decided: DecidedGroup): void {
    const { group, place } = decided;
    this.remove(group.firstAddress);
    for (const service of group.services) {
      this.forget(service);
      this.#keyOf.set(service, group.firstAddress);
    }
    this.#byKey.set(group.firstAddress, decided);
    for (const node of restsOn(place)) {
      const keys = this.#watching.get(node);
      if (keys) keys.add(group.firstAddress);
      else this.#watching.set(node, new Set([group.firstAddress]));
    }
    if (place.is === "first" || place.is === "second") this.#near.add(group.firstAddress);
    if (place.is === "first") this.ledVersion++;
  }

  /** Drops the group that the Service was in. */
  forget(service: string): void {
    const key = this.#keyOf.get(service);
    if (key === undefined) return;
    this.#keyOf.delete(service);
    this.remove(key);
  }

  remove(firstAddress: string): void {
    const decided = this.#byKey.get(firstAddress);
    if (!decided) return;
    this.#byKey.delete(firstAddress);
    this.#near.delete(firstAddress);
    if (decided.place.is === "first") this.ledVersion++;
    for (const node of restsOn(decided.place)) {
      const keys = this.#watching.get(node);
      keys?.delete(firstAddress);
      if (keys?.size === 0) this.#watching.delete(node);
    }
  }

  /** Groups whose decision rests on the node. */
  *restingOn(node: string): Generator<DecidedGroup> {
    for (const key of this.#watching.get(node) ?? []) yield this.#byKey.get(key) as DecidedGroup;
  }

  /** Groups in which this node comes first or second: there one that comes nearer counts. */
  *near(): Generator<DecidedGroup> {
    for (const key of this.#near) yield this.#byKey.get(key) as DecidedGroup;
  }
}

function restsOn(place: Place): readonly string[] {
  if (place.is === "first") return place.heir === undefined ? [] : [place.heir];
  if (place.is === "second") return [place.winner];
  return place.is === "later" ? place.rivals : [];
}
