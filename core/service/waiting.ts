import type { Opening, WaitsFor } from "#core/ipam/mod.ts";
import { formatAddress } from "#core/net/mod.ts";

/** Who waits: those without any address before those that lack a second one, then by age, then by name. */
export interface Waiter {
  readonly service: string;
  readonly holdsSome: boolean;
  readonly createdMs: number;
}

/** Services that ask for the same in the same way: where the first in line gets nothing, no other does. */
export interface WaitingGroup {
  readonly waitsFor: WaitsFor;
  /** In line. */
  readonly waiters: readonly Waiter[];
}

interface Group extends WaitingGroup {
  readonly terms: string;
  readonly waiters: Waiter[];
}

export function compareWaiters(a: Waiter, b: Waiter): number {
  if (a.holdsSome !== b.holdsSome) return a.holdsSome ? 1 : -1;
  return a.createdMs - b.createdMs || (a.service < b.service ? -1 : a.service > b.service ? 1 : 0);
}

/**
 * Services that have not got all they want, by what they wait for. When an address opens, only the groups that it
 * concerns are asked, and of each only the first: ten thousand in one line cost what one costs.
 */
export class WaitingList {
  readonly #groups = new Map<string, Group>();
  readonly #membership = new Map<string, { group: Group; waiter: Waiter }>();
  readonly #byPool = new Map<string, Set<Group>>();
  readonly #byAddress = new Map<string, Set<Group>>();

  /** `terms` names all on which the outcome depends beside pools and addresses. */
  add(waiter: Waiter, waitsFor: WaitsFor, terms: string): void {
    const name = JSON.stringify([waitsFor, waiter.holdsSome, terms]);
    const before = this.#membership.get(waiter.service);
    if (before?.group.terms === name && compareWaiters(before.waiter, waiter) === 0) return;
    this.remove(waiter.service);
    let group = this.#groups.get(name);
    if (!group) {
      group = { terms: name, waitsFor, waiters: [] };
      this.#groups.set(name, group);
      for (const pool of waitsFor.pools) setOf(this.#byPool, pool).add(group);
      for (const address of waitsFor.addresses) setOf(this.#byAddress, address).add(group);
    }
    group.waiters.splice(firstNotBefore(group.waiters, waiter), 0, waiter);
    this.#membership.set(waiter.service, { group, waiter });
  }

  remove(service: string): void {
    const member = this.#membership.get(service);
    if (!member) return;
    const { group, waiter } = member;
    this.#membership.delete(service);
    group.waiters.splice(firstNotBefore(group.waiters, waiter), 1);
    if (group.waiters.length > 0) return;
    this.#groups.delete(group.terms);
    for (const pool of group.waitsFor.pools) removeFrom(this.#byPool, pool, group);
    for (const address of group.waitsFor.addresses) removeFrom(this.#byAddress, address, group);
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  groupOf(service: string): WaitingGroup | undefined {
    return this.#membership.get(service)?.group;
  }

  services(): IterableIterator<string> {
    return this.#membership.keys();
  }

  /** The groups that one of the openings may help. */
  concernedBy(openings: readonly Opening[]): Set<WaitingGroup> {
    const groups = new Set<WaitingGroup>();
    for (const pool of new Set(openings.map((opening) => opening.pool))) {
      for (const group of this.#byPool.get(pool) ?? []) groups.add(group);
    }
    if (this.#byAddress.size === 0) return groups;
    for (const { address } of openings) {
      for (const group of this.#byAddress.get(formatAddress(address)) ?? []) groups.add(group);
    }
    return groups;
  }
}

/** Groups that are to be asked, whose first waiter is first in line before the others. */
export class Line {
  readonly #groups: WaitingGroup[];
  readonly #members: Set<WaitingGroup>;

  constructor(groups: Set<WaitingGroup>) {
    this.#members = groups;
    // The first stands last, where it is taken at no cost.
    this.#groups = [...groups].sort((a, b) => compareHeads(b, a));
  }

  add(group: WaitingGroup): void {
    if (this.#members.has(group)) return;
    this.#members.add(group);
    const at = firstIndex(this.#groups, (other) => compareHeads(other, group) <= 0);
    this.#groups.splice(at, 0, group);
  }

  /** The next group in which somebody waits. */
  take(): WaitingGroup | undefined {
    for (;;) {
      const group = this.#groups.pop();
      if (group) this.#members.delete(group);
      if (!group || group.waiters.length > 0) return group;
    }
  }
}

function compareHeads({ waiters: [a] }: WaitingGroup, { waiters: [b] }: WaitingGroup): number {
  return a && b ? compareWaiters(a, b) : a ? -1 : b ? 1 : 0;
}

function firstNotBefore(waiters: readonly Waiter[], waiter: Waiter): number {
  return firstIndex(waiters, (other) => compareWaiters(other, waiter) >= 0);
}

/** Where `isPast` begins to be true, in a list where it stays true from there on. */
function firstIndex<T>(list: readonly T[], isPast: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPast(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function setOf(map: Map<string, Set<Group>>, key: string): Set<Group> {
  let set = map.get(key);
  if (!set) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}

function removeFrom(map: Map<string, Set<Group>>, key: string, group: Group): void {
  const set = map.get(key);
  set?.delete(group);
  if (set?.size === 0) map.delete(key);
}
