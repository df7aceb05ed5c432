import { ConflictLimiter, conflictIntervalMs, type Owned, type OwnedTable } from "#core/l2/mod.ts";
import type { Family, Mac } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { AddressCounters, Report } from "./protocol.ts";

/** Of one address. */
const countersIntervalMs = 500;
/** Counters go out in pieces, between which requests are answered. */
const countersAtOnce = 512;
const pieceIntervalMs = 20;

/** What the main thread is told of the owned addresses: each fact once, counters at most twice a second. */
export class Layer2Reports {
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  readonly #conflicts = new ConflictLimiter(conflictIntervalMs);
  /** Where each address has been announced, by interface index. */
  readonly #announcedOn = new Map<Owned, Map<number, { name: string; mac: Mac }>>();
  readonly #counted = new Set<Owned>();
  #round: Owned[] = [];
  #roundAt = -Infinity;
  #pieceAt = -Infinity;

  constructor(clock: Clock, report: (report: Report) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** A counter of the address changed. */
  counted(entry: Owned): void {
    this.#counted.add(entry);
  }

  /** Told once for each interface and each MAC of it, with all the interfaces there are by then. True for the first. */
  announced(entry: Owned, port: { index: number; name: string; macText: Mac }): boolean {
    const interfaces = this.#announcedOn.get(entry) ?? new Map<number, { name: string; mac: Mac }>();
    if (interfaces.get(port.index)?.mac === port.macText) return false;
    const isFirst = interfaces.size === 0;
    this.#announcedOn.set(entry, interfaces.set(port.index, { name: port.name, mac: port.macText }));
    this.#report({
      type: "announced",
      address: entry.address,
      interfaces: [...interfaces.values()],
      at: this.#clock.wallMs(),
    });
    return isFirst;
  }

  /** Whether a gratuitous frame of it went out since it was taken. */
  isAnnounced(entry: Owned): boolean {
    return (this.#announcedOn.get(entry)?.size ?? 0) > 0;
  }

  /** Another host speaks as the address. */
  conflict(
    entry: Owned,
    mac: Mac,
    on: { name: string; macText: Mac },
    phase: "probe" | "owned",
    now: number,
  ): void {
    if (!this.#conflicts.admit(entry.address, mac, on.name, now)) return;
    this.#report({
      type: "conflict",
      address: entry.address,
      mac,
      ownMac: on.macText,
      interface: on.name,
      phase,
      at: this.#clock.wallMs(),
    });
  }

  taken({ address }: Owned, from: string): void {
    this.#report({ type: "taken", address, from, at: this.#clock.wallMs() });
  }

  released({ address }: { address: string }, to: string, why: "claimed" | "limit"): void {
    this.#report({ type: "released", address, to, why, at: this.#clock.wallMs() });
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
    if (this.#round.length > 0) return this.#pieceAt;
    return this.#counted.size > 0 ? this.#roundAt + countersIntervalMs : Infinity;
  }

  expire(owned: OwnedTable, now: number): void {
    if (this.nextDeadline() > now) return;
    if (this.#round.length === 0) {
      this.#round = [...this.#counted];
      this.#counted.clear();
      this.#roundAt = now;
    }
    // What is owned no longer, or was given up and taken again meanwhile, has other counts or none.
    const piece = this.#round
      .splice(-countersAtOnce)
      .filter((entry) => owned.findBytes(entry.bytes) === entry);
    this.#pieceAt = now + pieceIntervalMs;
    if (piece.length > 0) this.#report({ type: "counters", addresses: piece.map(counters) });
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
