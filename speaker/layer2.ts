import type { Layer2Change, Layer2Entry } from "#core/announce/mod.ts";
import type { SpeakerState } from "#server/ports.ts";
import type { AddressCounters, OwnedAddress, Report } from "./data_plane/mod.ts";

interface Owned {
  entry: Layer2Entry;
  since: number;
  interfaces: { name: string; mac: string }[];
  gratuitousAt?: number;
}

/** The addresses this node answers for at layer 2: as decided, as the data plane confirms, and as it counts. */
export class OwnAddresses {
  readonly #node: string;
  readonly #isRecordOnly: boolean;
  readonly #owned = new Map<string, Owned>();
  readonly #counters = new Map<string, AddressCounters>();

  /** Where announcements are only recorded, what is decided counts as announced. */
  constructor(node: string, isRecordOnly = false) {
    this.#node = node;
    this.#isRecordOnly = isRecordOnly;
  }

  /** Takes decisions in; true when the data plane must hear of it. */
  apply(changes: readonly Layer2Change[], now: number): boolean {
    let isChanged = false;
    for (const { address, after } of changes) {
      const before = this.#owned.get(address);
      if (after?.winner === this.#node) {
        this.#owned.set(
          address,
          before ? { ...before, entry: after } : { entry: after, since: now, interfaces: [] },
        );
        isChanged ||= !before || before.entry.interfaces.join() !== after.interfaces.join();
      } else if (before) {
        this.#owned.delete(address);
        this.#counters.delete(address);
        isChanged = true;
      }
    }
    return isChanged;
  }

  forDataPlane(): OwnedAddress[] {
    return [...this.#owned.values()].map(({ entry }) => ({
      address: entry.address,
      interfaces: [...entry.interfaces],
    }));
  }

  announced(report: Extract<Report, { type: "announced" }>): void {
    const owned = this.#owned.get(report.address);
    if (!owned) return;
    owned.interfaces = report.interfaces;
    owned.gratuitousAt = report.at;
  }

  /** Takes the counters that changed. */
  counted(counters: readonly AddressCounters[]): void {
    for (const each of counters) if (this.#owned.has(each.address)) this.#counters.set(each.address, each);
  }

  /** The data plane has said that its first gratuitous frame is out. */
  isAnnounced(address: string): boolean {
    const owned = this.#owned.get(address);
    return owned !== undefined && (this.#isRecordOnly || owned.interfaces.length > 0);
  }

  servicesOf(address: string): readonly string[] {
    return this.#owned.get(address)?.entry.services ?? [];
  }

  entries(): Layer2Entry[] {
    return [...this.#owned.values()].map((owned) => owned.entry);
  }

  counters(): AddressCounters[] {
    return [...this.#counters.values()].filter((each) => this.#owned.has(each.address));
  }

  list(): SpeakerState["announcements"] {
    return [...this.#owned.values()].map((owned) => {
      const counters = this.#counters.get(owned.entry.address);
      const gratuitousAt = counters?.gratuitousAt ?? owned.gratuitousAt;
      return {
        address: owned.entry.address,
        services: [...owned.entry.services],
        protocol: "layer2",
        interfaces: owned.interfaces,
        since: owned.since,
        requests: counters?.requests ?? 0,
        responses: counters?.responses ?? 0,
        gratuitous: counters?.gratuitous ?? 0,
        ...(gratuitousAt === undefined ? {} : { gratuitousAt }),
        ...(owned.entry.isProbed && !this.isAnnounced(owned.entry.address)
          ? { phase: "probing" as const }
          : {}),
      };
    });
  }
}
