import type { Reason } from "#core/reason/mod.ts";
import { Contest } from "./contest.ts";
import { interfacesOn, type View } from "./field.ts";
import type { AddressGroup } from "./groups.ts";
import { rank } from "./layer2.ts";
import type { Layer2Entry } from "./layer2_entry.ts";
import type { Place } from "./place.ts";

/** Most entries have none, and hold this one list. */
const noInterfaces: readonly string[] = [];

/** What one node decided for a group. */
export interface Decision {
  readonly group: AddressGroup;
  /** Or why nobody announces it, whatever the nodes. */
  readonly contest: Contest | Reason;
  readonly place: Place;
}

/** The node that decided, and what it sees. */
export interface Decider {
  readonly node: string;
  readonly view: View;
  /** Nobody is known to have announced the address. */
  isFirstUse(address: string): boolean;
}

/** The decision as it stands for one address of the group. */
export function entryOf(
  address: string,
  { group, contest, place }: Decision,
  before: Layer2Entry | undefined,
  by: Decider,
): Layer2Entry {
  const common = { address, services: group.services, place: place.is, hashed: group.firstAddress };
  if (!(contest instanceof Contest)) {
    return { ...common, interfaces: noInterfaces, blocked: contest, barrier: contest };
  }
  if (place.is === "later" || place.is === "none") {
    // To whom it is lost is asked only by who had it.
    const { winner, blocked } = before?.place === "first" ? rank(contest, by.view) : {};
    return {
      ...common,
      interfaces: noInterfaces,
      ...(place.is === "none" && { barrier: place.why }),
      ...(winner !== undefined && { winner }),
      ...(blocked && { blocked }),
    };
  }
  const own = by.view.nodes.find(({ name }) => name === by.node);
  const interfaces = own ? interfacesOn(own, contest.ads) : [];
  if (place.is === "second") return { ...common, interfaces, winner: place.winner };
  const isProbed = before?.place === "first" ? before.isProbed : by.isFirstUse(address);
  return {
    ...common,
    interfaces,
    winner: by.node,
    ...(isProbed && { isProbed }),
  };
}

/** What was, with the name of who had the address where this node takes it without having been the heir. */
export function heldBefore(
  { contest, place }: Decision,
  before: Layer2Entry | undefined,
  viewBefore: View,
  node: string,
): Layer2Entry | undefined {
  const isUnknown = before && !before.blocked && (before.place === "later" || before.place === "none");
  if (!isUnknown || place.is !== "first" || !(contest instanceof Contest)) return before;
  const { winner: _, ...was } = before;
  const { winner, blocked } = rank(contest, viewBefore);
  if (winner === undefined) return { ...was, ...(blocked && { blocked }) };
  return winner === node ? was : { ...was, winner };
}
