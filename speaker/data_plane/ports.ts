import type { GratuitousTiming, Link, Owned, OwnedTable } from "#core/l2/mod.ts";
import { macToBytes } from "#core/net/mod.ts";
import { SystemError } from "#io/mod.ts";
import { arp } from "./arp.ts";
import { ndp } from "./ndp.ts";
import { Port } from "./port.ts";
import type { PortProtocol, ServingLink } from "./port_protocol.ts";
import type { Problems } from "./problems.ts";

export const protocols: readonly PortProtocol[] = [arp, ndp];
/** The kernel walks all groups of an interface for each that is joined: with 10,000 of them 0.1 ms each. */
const groupsAtOnce = 8;

export interface PortsUser {
  serve(port: Port, now: number): void;
  /** A port serves anew, or under another MAC or link-local address. */
  opened(port: Port, now: number): void;
  closed(port: Port): void;
  /** The descriptors to wait for are others. */
  changed(): void;
}

/** One {@link Port} for each protocol on each interface that serves it, as interfaces come, change and go. */
export class Ports {
  readonly #owned: OwnedTable;
  readonly #problems: Problems;
  readonly #timing: GratuitousTiming;
  readonly #user: PortsUser;
  readonly #all = new Set<Port>();
  #links: readonly ServingLink[] = [];
  #ownMacs: Uint8Array[] = [];

  constructor(owned: OwnedTable, problems: Problems, timing: GratuitousTiming, user: PortsUser) {
    this.#owned = owned;
    this.#problems = problems;
    this.#timing = timing;
    this.#user = user;
  }

  [Symbol.iterator](): IterableIterator<Port> {
    return this.#all[Symbol.iterator]();
  }

  has(port: Port): boolean {
    return this.#all.has(port);
  }

  get ownMacs(): readonly Uint8Array[] {
    return this.#ownMacs;
  }

  /** Interfaces on which a protocol should have a port and has none. */
  missing(): { link: ServingLink; protocol: PortProtocol }[] {
    return this.#links.flatMap((link) =>
      protocols
        .filter((protocol) => protocol.serves(link) && !this.#has(link, protocol))
        .map((protocol) => ({ link, protocol })),
    );
  }

  /** Whether any interface carries the address. */
  carries(entry: Owned): boolean {
    for (const port of this.#all) if (port.carries(entry)) return true;
    return false;
  }

  /** Follows the interfaces: those that serve, and all for their MACs. */
  follow(usable: readonly ServingLink[], all: readonly Link[], now: number): void {
    this.#links = usable;
    this.#ownMacs = all.filter((link) => link.mac !== "").map((link) => macToBytes(link.mac));
    const present = new Map(usable.map((link) => [link.index, link] as const));
    for (const port of this.#all) {
      const link = present.get(port.index);
      if (link?.name !== port.name || !port.protocol.serves(link)) {
        this.close(port);
        continue;
      }
      port.groups.retry();
      if (port.update(link)) this.#user.opened(port, now);
    }
    this.openMissing(now);
  }

  openMissing(now: number): void {
    for (const { link, protocol } of this.missing()) this.#open(link, protocol, now);
  }

  /** Closes a port that does not work, and opens another in its place. */
  reopen(port: Port, now: number): void {
    this.close(port);
    this.openMissing(now);
  }

  include(entry: Owned): void {
    for (const port of this.#all) port.include(entry);
  }

  exclude(entry: Owned): void {
    for (const port of this.#all) port.exclude(entry);
  }

  /** Hears of what was included and excluded, and joins a first few of its groups. */
  listen(now: number): void {
    for (const port of this.#all) this.#listen(port, now);
  }

  /** Joins groups and renews filters whose time has come. */
  expire(now: number): void {
    for (const port of this.#all) {
      this.#attempt(now, () => port.refilter(this.#owned, now));
      if (port.groups.isPending) this.#attempt(now, () => port.groups.advance(groupsAtOnce));
    }
  }

  nextDeadline(): number {
    let nearest = Infinity;
    for (const port of this.#all) nearest = Math.min(nearest, port.nextDeadline());
    return nearest;
  }

  close(port: Port): void {
    this.#all.delete(port);
    port.close();
    this.#user.closed(port);
    this.#user.changed();
  }

  closeAll(): void {
    for (const port of this.#all) port.close();
    this.#all.clear();
  }

  #has(link: ServingLink, protocol: PortProtocol): boolean {
    for (const port of this.#all) if (port.index === link.index && port.protocol === protocol) return true;
    return false;
  }

  #open(link: ServingLink, protocol: PortProtocol, now: number): void {
    this.#attempt(now, () => {
      const port = new Port(protocol, link, this.#timing, (each, at) => this.#user.serve(each, at));
      this.#all.add(port);
      this.#user.changed();
      for (const entry of this.#owned.values()) port.include(entry);
      this.#listen(port, now);
      this.#user.opened(port, now);
    });
  }

  #listen(port: Port, now: number): void {
    this.#attempt(now, () => {
      port.refilter(this.#owned, now);
      port.groups.advance(groupsAtOnce);
    });
  }

  /** The interface may be gone again, or the privilege missing; the next event or rescan tries anew. */
  #attempt(now: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#problems.say(error.message, now);
    }
  }
}
