import type { Clock } from "#k8s/mod.ts";
import type { AddressConflict } from "#server/ports.ts";
import type { Report } from "./data_plane/mod.ts";

type ConflictReport = Extract<Report, { type: "conflict" }>;

/**
 * A conflict is over when the other host was not heard for this long. One in use speaks when it is asked, and caches
 * keep those who ask quiet for a minute or more; an address that is probed is asked for at least once a minute.
 */
const silenceMs = { owned: 300_000, probe: 180_000 } as const;
/** Foreign hosts remembered for one address. */
const hostsMax = 16;

interface Options {
  readonly clock: Clock;
  /** One began, or is over. */
  changed(): void;
}

/** The hosts that speak as addresses of this node, from their first sign of it to the end of it. */
export class Conflicts {
  readonly #options: Options;
  /** address -> MAC of the other host -> what is known of it. */
  readonly #conflicts = new Map<string, Map<string, AddressConflict>>();
  #cancel: (() => void) | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** True where this is the first sign of it. */
  heard({ address, mac, ownMac, interface: on, phase, at }: ConflictReport): boolean {
    const hosts = this.#conflicts.get(address) ?? new Map<string, AddressConflict>();
    const known = hosts.get(mac);
    if (!known && hosts.size >= hostsMax) return false;
    const since = known?.phase === phase ? known.since : at;
    hosts.set(mac, { address, mac, ownMac, interface: on, phase, since, lastAt: at });
    this.#conflicts.set(address, hosts);
    this.#watch();
    const isNews = known?.phase !== phase;
    if (isNews) this.#options.changed();
    return isNews;
  }

  /** The address is announced: whoever held it when it was probed for has given it up. */
  announced(address: string): void {
    this.#drop(address, ({ phase }) => phase === "probe");
  }

  /** This node is not to answer for the address any more. */
  released(address: string): void {
    this.#drop(address, () => true);
  }

  list(): AddressConflict[] {
    return [...this.#conflicts.values()].flatMap((hosts) => [...hosts.values()]);
  }

  stop(): void {
    this.#cancel?.();
  }

  #drop(address: string, isOver: (conflict: AddressConflict) => boolean): void {
    const hosts = this.#conflicts.get(address);
    if (!hosts) return;
    const before = hosts.size;
    for (const [mac, conflict] of hosts) if (isOver(conflict)) hosts.delete(mac);
    if (hosts.size === 0) this.#conflicts.delete(address);
    if (hosts.size < before) this.#options.changed();
  }

  /** Looks again when the first of them may have fallen silent for good. */
  #watch(): void {
    if (this.#cancel || this.#conflicts.size === 0) return;
    const { clock } = this.#options;
    const dueAt = Math.min(...this.list().map(overAt));
    this.#cancel = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.#cancel = undefined;
      const now = clock.now();
      for (const address of [...this.#conflicts.keys()])
        this.#drop(address, (conflict) => overAt(conflict) <= now);
      this.#watch();
    });
  }
}

function overAt({ lastAt, phase }: AddressConflict): number {
  return lastAt + silenceMs[phase];
}
