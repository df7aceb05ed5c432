import type { Layer2Change, Layer2Entry } from "#core/announce/mod.ts";
import type { SpeakerState } from "#server/ports.ts";
import type { AddressCounters, OwnedAddress, Report } from "./data_plane/mod.ts";

type Announced = Extract<Report, { type: "announced" }>;

/** What was taken before it was decided is decided within this, or it was not meant to be. */
const earlyMaxMs = 10_000;

interface Owned {
  entry: Layer2Entry;
  since: number;
  interfaces: { name: string; mac: string }[];
  gratuitousAt?: number;
  /** Lost to that node, which lives and takes it: answered for until it does. */
  yieldingTo?: string;
}

/** The addresses this node answers for at layer 2: as decided, as the data plane confirms, and as it counts. */
export class OwnAddresses {
  readonly #node: string;
  readonly #isRecordOnly: boolean;
  readonly #owned = new Map<string, Owned>();
  readonly #counters = new Map<string, AddressCounters>();
  /** What the data plane took as the heir and announced before the main thread decided so. */
  readonly #early = new Map<string, Announced>();

  /** Where announcements are only recorded, what is decided counts as announced. */
  constructor(node: string, isRecordOnly = false) {
    this.#node = node;
    this.#isRecordOnly = isRecordOnly;
  }

  /**
   * Takes decisions in; true when the data plane must hear of it. What is lost to a node that `canTake` it, being alive
   * and of the ring, is kept until that claims it.
   */
  apply(changes: readonly Layer2Change[], now: number, canTake: (node: string) => boolean): boolean {
    let isChanged = false;
    for (const { address, after } of changes) {
      const before = this.#owned.get(address);
      if (after?.winner === this.#node) {
        const { yieldingTo, ...kept } = before ?? { since: now, interfaces: [] };
        this.#owned.set(address, { ...kept, entry: after });
        isChanged ||=
          !before || yieldingTo !== undefined || before.entry.interfaces.join() !== after.interfaces.join();
        continue;
      }
      if (!before) continue;
      const to = after && !after.blocked ? (after.winner ?? before.yieldingTo) : undefined;
      if (to !== undefined && before.interfaces.length > 0 && canTake(to)) {
        isChanged ||= before.yieldingTo !== to;
        before.yieldingTo = to;
      } else isChanged = this.#drop(address);
    }
    return isChanged;
  }

  /** Gives up what is kept for nodes that cannot take it any more; true when the data plane must hear of it. */
  stopYielding(canTake: (node: string) => boolean): boolean {
    let isChanged = false;
    for (const [address, { yieldingTo }] of this.#owned)
      if (yieldingTo !== undefined && !canTake(yieldingTo)) isChanged = this.#drop(address);
    return isChanged;
  }

  /** The data plane answers for it no longer, as was asked; true where the whole set is another now. */
  released({ address, to }: Extract<Report, { type: "released" }>): boolean {
    return this.#owned.get(address)?.yieldingTo === to && this.#drop(address);
  }

  forDataPlane(): OwnedAddress[] {
    return [...this.#owned.values()].map(({ entry, yieldingTo }) => ({
      address: entry.address,
      interfaces: [...entry.interfaces],
      ...(entry.isProbed && { isProbed: true }),
      ...(yieldingTo !== undefined && { yieldingTo }),
    }));
  }

  /** False where it is not decided yet: {@link decidedNow} will give the report back. */
  announced(report: Announced): boolean {
    const owned = this.#owned.get(report.address);
    if (!owned) {
      this.#early.set(report.address, report);
      return false;
    }
    owned.interfaces = report.interfaces;
    owned.gratuitousAt = report.at;
    return true;
  }

  /** What was announced before a decision that has been taken now. */
  decidedNow(now: number): Announced[] {
    const ripe: Announced[] = [];
    for (const [address, report] of this.#early) {
      const isOwned = this.#owned.has(address);
      if (isOwned) ripe.push(report);
      if (isOwned || now - report.at > earlyMaxMs) this.#early.delete(address);
    }
    return ripe;
  }

  /** Takes the counters that changed. */
  counted(counters: readonly AddressCounters[]): void {
    for (const each of counters) if (this.#owned.has(each.address)) this.#counters.set(each.address, each);
  }

  /** The data plane has said that its first gratuitous frame is out. */
  isAnnounced(address: string): boolean {
    const owned = this.#owned.get(address);
    if (owned === undefined || owned.yieldingTo !== undefined) return false;
    return this.#isRecordOnly || owned.interfaces.length > 0;
  }

  servicesOf(address: string): readonly string[] {
    return this.#owned.get(address)?.entry.services ?? [];
  }

  entries(): Layer2Entry[] {
    return this.#led().map(({ entry }) => entry);
  }

  counters(): AddressCounters[] {
    return [...this.#counters.values()].filter((each) => this.#owned.has(each.address));
  }

  list(): SpeakerState["announcements"] {
    return [...this.#owned.values()].map((owned) => {
      const { yieldingTo } = owned;
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
        ...(yieldingTo !== undefined
          ? { yieldingTo }
          : owned.entry.isProbed && !this.isAnnounced(owned.entry.address)
            ? { phase: "probing" as const }
            : {}),
      };
    });
  }

  /** Those that this node announces, and does not merely keep for another. */
  #led(): Owned[] {
    return [...this.#owned.values()].filter(({ yieldingTo }) => yieldingTo === undefined);
  }

  #drop(address: string): true {
    this.#owned.delete(address);
    this.#counters.delete(address);
    return true;
  }
}
