/** What one allocation costs as pools fill: by the Allocator alone, and through the ServiceBook with its explanation. */
import { Allocator, type Claimant, type FamilyDemand } from "#core/ipam/mod.ts";
import { ServiceBook, type ServiceView } from "#core/service/mod.ts";
import { claimant, pool, view } from "./examples.ts";
import { costOf, heapBytes, median, table } from "./measure.ts";

const rounds = 3;
const ipv4: FamilyDemand = { primary: "ipv4", bothRequired: false };
const ipv6: FamilyDemand = { primary: "ipv6", bothRequired: false };

fillSixteen();
freeInTheMiddle();
otherShapes();
heapPerService();

/** Runs the work on slices of all items; CPU microseconds an item, by slice. */
function bySlice<Item>(items: readonly Item[], slice: number, work: (item: Item) => void): number[] {
  const costs: number[] = [];
  for (let from = 0; from < items.length; from += slice) {
    const part = items.slice(from, from + slice);
    const { cpuMs } = costOf(() => part.forEach(work));
    costs.push((cpuMs * 1e3) / part.length);
  }
  return costs;
}

/** The median of each slice over several rounds, each on a fresh subject. */
function medians(round: () => number[]): number[] {
  const all = Array.from({ length: rounds }, round);
  return (all[0] ?? []).map((_, at) => median(all.map((each) => each[at] ?? Number.NaN)));
}

function allocate(allocator: Allocator, demand = ipv4): (each: Claimant) => void {
  return (each) => {
    const result = allocator.allocate(each, demand);
    if ("why" in result) throw new Error(`${each.service}: ${result.why.code}`);
  };
}

function allocatorOf(...pools: ReturnType<typeof pool>[]): Allocator {
  const allocator = new Allocator();
  allocator.setPools(pools);
  return allocator;
}

function bookOf(...pools: ReturnType<typeof pool>[]): ServiceBook {
  const book = new ServiceBook();
  book.setPools(pools);
  book.startAllocating();
  return book;
}

function upsert(book: ServiceBook): (each: ServiceView) => void {
  return (each) => {
    const [decision] = book.upsert(each);
    if (decision?.addresses.length !== 1) throw new Error(`${each.name} got no address`);
  };
}

function fillSixteen(): void {
  const count = 65_536;
  const slice = 8_192;
  const claimants = Array.from({ length: count }, (_, index) => claimant(index));
  const views = Array.from({ length: count }, (_, index) => view(index));
  const alone = medians(() => bySlice(claimants, slice, allocate(allocatorOf(pool("p", "10.0.0.0/16")))));
  const book = medians(() => bySlice(views, slice, upsert(bookOf(pool("p", "10.0.0.0/16")))));
  const rows = alone.map((each, at) => [
    `${at * slice + 1}-${(at + 1) * slice}`,
    each,
    book[at] ?? Number.NaN,
  ]);
  const total = (costs: number[]) => (costs.reduce((sum, each) => sum + each, 0) * slice) / 1e3;
  table(
    `a /16, one Service at a time: CPU microseconds for one, median of ${rounds} runs`,
    ["Services", "Allocator", "ServiceBook"],
    [...rows, ["all, in ms", total(alone), total(book)]],
  );
  console.log("  Collections of garbage are counted, and fall into some lines more than into others.");
}

function freeInTheMiddle(): void {
  const count = 65_536;
  const freed = 8_192;
  const claimants = Array.from({ length: count }, (_, index) => claimant(index));
  const views = Array.from({ length: count }, (_, index) => view(index));
  const middle = <Item>(items: readonly Item[]) => items.slice(28_672, 28_672 + freed);
  const results = {
    release: [] as number[],
    again: [] as number[],
    remove: [] as number[],
    back: [] as number[],
  };
  for (let round = 0; round < rounds; round++) {
    const allocator = allocatorOf(pool("p", "10.0.0.0/16"));
    claimants.forEach(allocate(allocator));
    results.release.push(
      ...bySlice(middle(claimants), freed, (each) => void allocator.release(each.service)),
    );
    results.again.push(...bySlice(middle(claimants), freed, allocate(allocator)));
    const book = bookOf(pool("p", "10.0.0.0/16"));
    views.forEach(upsert(book));
    results.remove.push(...bySlice(middle(views), freed, (each) => void book.remove(`default/${each.name}`)));
    results.back.push(...bySlice(middle(views), freed, upsert(book)));
  }
  table(
    `${freed} of a full /16 go, from the middle, and as many come: CPU microseconds for one`,
    ["", "Allocator", "ServiceBook"],
    [
      ["free", median(results.release), median(results.remove)],
      ["allocate again", median(results.again), median(results.back)],
    ],
  );
}

function otherShapes(): void {
  const rows: (string | number)[][] = [];
  const shape = (
    name: string,
    slice: number,
    items: readonly Claimant[],
    demand: FamilyDemand,
    ...cidrs: string[]
  ) => {
    const pools = cidrs.map((cidr, at) => pool(`p${`${at}`.padStart(3, "0")}`, cidr));
    const costs = medians(() => bySlice(items, slice, allocate(allocatorOf(...pools), demand)));
    const total = (costs.reduce((sum, each) => sum + each, 0) * slice) / 1e3;
    rows.push([name, costs[0] ?? Number.NaN, costs.at(-1) ?? Number.NaN, total]);
  };
  const many = (count: number) => Array.from({ length: count }, (_, index) => claimant(index));
  shape("a /64, 100,000 Services", 1_000, many(100_000), ipv6, "2001:db8::/64");
  const sixtyFour = Array.from({ length: 64 }, (_, at) => `10.1.${at}.0/24`);
  shape("64 pools of a /24, 16,384 Services", 256, many(16_384), ipv4, ...sixtyFour);
  const shared = Array.from({ length: 1_000 }, (_, index) => claimant(index, "key", [`${index + 1}/TCP`]));
  shape("one address shared by 1,000, by port", 100, shared, ipv4, "10.0.0.1/32");
  const first = "the first";
  table(
    "other pools, by the Allocator: CPU microseconds for one",
    ["", first, "the last", "all, in ms"],
    rows,
  );
  console.log(
    "  The first and the last: 1,000 Services of the /64, one pool of the 64, 100 of the shared address.",
  );
}

function heapPerService(): void {
  const count = 65_536;
  const rows: (string | number)[][] = [];
  const perService = (name: string, fill: () => unknown) => {
    const before = heapBytes();
    const kept = fill();
    rows.push([name, (heapBytes() - before) / count]);
    return kept;
  };
  const claimants = Array.from({ length: count }, (_, index) => claimant(index));
  const views = Array.from({ length: count }, (_, index) => view(index));
  const kept = [
    perService("Allocator", () => {
      const allocator = allocatorOf(pool("p", "10.0.0.0/16"));
      claimants.forEach(allocate(allocator));
      return allocator;
    }),
    perService("ServiceBook, its decisions and traces included", () => {
      const book = bookOf(pool("p", "10.0.0.0/16"));
      views.forEach(upsert(book));
      return book;
    }),
  ];
  if (kept.length !== 2) throw new Error("what was measured must live until here");
  table(`heap for one Service, with a full /16, without the Service's own object`, ["", "bytes"], rows);
}
