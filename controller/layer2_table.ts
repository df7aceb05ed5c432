import { compareAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import type { Layer2Row, Page } from "#server/ports.ts";
import type { AnnouncerIndex } from "./announcers.ts";
import { conflictsOf, leadersOf } from "./layer2_leaders.ts";
import { pageOf } from "./pages.ts";
import { splitKey } from "./service_name.ts";
import type { World } from "./world.ts";

interface Sources {
  world: World;
  announcers: AnnouncerIndex;
  /** Every address that a Service holds, with its pool. */
  held(): Iterable<{ address: string; pool: string }>;
}

/** The addresses that layer 2 is to deliver or delivers, in order. */
export class Layer2Table {
  readonly #sources: Sources;
  #sorted: { text: string; address: IpAddress }[] | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Addresses, advertisements or announcements changed. */
  touch(): void {
    this.#sorted = undefined;
  }

  query({ search, page, pageSize }: { search: string; page: number; pageSize: number }): Page<Layer2Row> {
    const wanted = search.trim().toLowerCase();
    const all = this.#all();
    const found = wanted === "" ? all : all.filter(({ text }) => this.#textOf(text).includes(wanted));
    return pageOf(found, { page, pageSize }, ({ text }) => this.row(text));
  }

  row(address: string): Layer2Row {
    const { world, announcers } = this.#sources;
    const election = world.election(address);
    const conflicts = conflictsOf(address, announcers);
    return {
      address,
      services: [...world.holdersOf(address)].map(splitKey),
      leaders: leadersOf(address, announcers),
      candidates: [...(election?.ranking ?? [])],
      ...(conflicts.length > 0 && { conflicts }),
      ...(election?.note && { note: election.note }),
    };
  }

  #all(): { text: string; address: IpAddress }[] {
    if (this.#sorted) return this.#sorted;
    const { world, announcers, held } = this.#sources;
    const covered = new Set(world.config.l2Advertisements.flatMap(({ pools }) => [...pools]));
    const texts = new Set(announcers.layer2Addresses());
    for (const { address, pool } of held()) if (covered.has(pool)) texts.add(address);
    const parsed = [...texts].flatMap((text) => {
      const address = parseAddress(text);
      return address ? [{ text, address }] : [];
    });
    this.#sorted = parsed.sort((a, b) => compareAddress(a.address, b.address));
    return this.#sorted;
  }

  #textOf(address: string): string {
    const { world, announcers } = this.#sources;
    const nodes = announcers.layer2Of(address).keys();
    return [address, ...world.holdersOf(address), ...nodes].join("\n").toLowerCase();
  }
}
