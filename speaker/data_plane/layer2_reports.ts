import { ConflictLimiter, type Owned, type OwnedTable } from "#core/l2/mod.ts";
import type { Family, Mac } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { AddressCounters, Report } from "./protocol.ts";

const countersIntervalMs = 500;

/** What the main thread is told of the owned addresses: each fact once, counters at most twice a second. */
export class Layer2Reports {
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  readonly #conflicts = new ConflictLimiter();
  /** Where each address has been announced, by interface index. */
  readonly #announcedOn = new Map<Owned, Map<number, { name: string; mac: Mac }>>();
  #isCounterChanged = false;
  #countersReportedAt = -Infinity;

  constructor(clock: Clock, report: (report: Report) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** A counter of an address changed, or the set of addresses did. */
  counted(): void {
    this.#isCounterChanged = true;
  }

  /** Told once for each interface and each MAC of it, with all the interfaces there are by then. */
  announced(entry: Owned, port: { index: number; name: string; macText: Mac }): void {
    const interfaces = this.#announcedOn.get(entry) ?? new Map<number, { name: string; mac: Mac }>();
    if (interfaces.get(port.index)?.mac === port.macText) return;
    this.#announcedOn.set(entry, interfaces.set(port.index, { name: port.name, mac: port.macText }));
    this.#report({
      type: "announced",
      address: entry.address,
      interfaces: [...interfaces.values()],
      at: this.#clock.wallMs(),
    });
  }

  /** Another host speaks as the address. */
  conflict(entry: Owned, mac: Mac, on: { name: string; macText: Mac }, now: number): void {
    if (!this.#conflicts.admit(entry.address, mac, on.name, now)) return;
    this.#report({
      type: "conflict",
      address: entry.address,
      mac,
      ownMac: on.macText,
      interface: on.name,
      phase: "owned",
      at: this.#clock.wallMs(),
    });
  }

  /** The address is no longer owned as it was. */
  forget(entry: Owned): void {
    this.#announcedOn.delete(entry);
  }

  /** The interface no longer serves the family. */
  forgetInterface(index: number, family: Family): void {
    for (const [entry, interfaces] of this.#announcedOn)
      if (entry.family === family) interfaces.delete(index);
  }

  nextDeadline(): number {
    return this.#isCounterChanged ? this.#countersReportedAt + countersIntervalMs : Infinity;
  }

  expire(owned: OwnedTable, now: number): void {
    if (this.nextDeadline() > now) return;
    this.#isCounterChanged = false;
    this.#countersReportedAt = now;
    this.#report({ type: "counters", addresses: Array.from(owned.values(), counters) });
  }
}

function counters({ address, requests, responses, gratuitous, gratuitousAt }: Owned): AddressCounters {
  return {
    address,
    requests,
    responses,
    gratuitous,
    ...(gratuitousAt === undefined ? {} : { gratuitousAt }),
  };
}
