import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ElementTable,
  type ProxyService,
  type ProxySlice,
  renderChange,
  renderRuleset,
  serviceElements,
} from "#sandbox/agent/proxy/mod.ts";
import { cannotRun, run } from "./harness/netns_pair.ts";

const missing = cannotRun("nft");
const namespace = `mlbt-${process.pid}-ruleset`;
const node = { name: "node1", address: "192.168.1.11", podCidr: "10.244.1.0/24" };

/** A reproducible source of chance (mulberry32). */
function chanceFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function anyService(index: number, chance: (below: number) => number): ProxyService {
  return {
    key: `default/s${index}`,
    clusterIPs: [`10.96.${index >> 8}.${index & 255}`],
    // Some share an address and even a port.
    ingress: [`192.168.7.${chance(4) === 0 ? 1 : index & 255}`],
    externalIPs: chance(5) === 0 ? [`192.168.8.${index & 255}`] : [],
    ports: [
      { name: "http", transport: "tcp", port: 80, nodePort: 30_000 + index },
      ...(chance(2) === 0 ? [{ name: "dns", transport: "udp", port: 53, nodePort: 0 } as const] : []),
    ],
    isExternalLocal: chance(2) === 0,
    isInternalLocal: chance(6) === 0,
    isSticky: chance(3) === 0,
    sourceRanges: chance(3) === 0 ? ["10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16"] : [],
  };
}

function anySlice(index: number, chance: (below: number) => number): ProxySlice {
  return {
    key: `default/s${index}-a`,
    service: `default/s${index}`,
    ports: [
      { name: "http", transport: "tcp", port: 8080 },
      { name: "dns", transport: "udp", port: 53 },
    ],
    endpoints: Array.from({ length: chance(6) }, (_, number) => ({
      address: `10.244.${1 + (number % 3)}.${2 + ((index + number) % 200)}`,
      nodeName: `node${1 + (number % 3)}`,
      isReady: chance(4) > 0,
      isServingTerminating: chance(2) === 0,
    })),
  };
}

function nft(text: string, ...options: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(
    ["ip", "netns", "exec", namespace, "nft", ...options, "-f", "-"],
    {
      stdin: Buffer.from(text),
    },
  );
  if (exitCode !== 0) throw new Error(stderr.toString().slice(0, 1000));
}

/** Every element in the kernel, as sorted JSON. */
function held(): string[] {
  const text = run("ip", "netns", "exec", namespace, "nft", "-j", "list", "ruleset");
  const { nftables } = JSON.parse(text) as {
    nftables: { [kind: string]: { name: string; elem?: unknown[] } }[];
  };
  return nftables
    .flatMap((entry) => [entry.set, entry.map])
    .filter((set) => set !== undefined)
    .flatMap(({ name, elem = [] }) => elem.map((element) => `${name} ${JSON.stringify(element)}`))
    .sort();
}

describe.skipIf(missing !== undefined)(`node rules${missing ? `: skipped, ${missing}` : ""}`, () => {
  beforeAll(() => {
    for (const line of run("ip", "netns", "list").split("\n")) {
      const [name = ""] = line.split(" ");
      const pid = Number(/^mlbt-(\d+)-ruleset$/.exec(name)?.[1] ?? 0);
      if (pid && !Bun.spawnSync(["kill", "-0", `${pid}`]).success) run("ip", "netns", "del", name);
    }
    run("ip", "netns", "add", namespace);
  });
  afterAll(() => {
    Bun.spawnSync(["ip", "netns", "del", namespace]);
  });

  test("nft accepts the rules of 1,000 Services, again and again, in one transaction each", () => {
    const chance = chanceFrom(1);
    const services = Array.from({ length: 1000 }, (_, index) => anyService(index, chance));
    const slices = services.map((_, index) => anySlice(index, chance));
    const text = renderRuleset(services, slices, node);
    nft(text, "-c");
    expect(held()).toEqual([]);
    const start = performance.now();
    nft(text);
    const full = performance.now() - start;
    const first = held();
    expect(first.length).toBeGreaterThan(10_000);
    nft(text);
    expect(held()).toEqual(first);

    const table = new ElementTable();
    for (const [index, service] of services.entries()) {
      table.replace(service.key, serviceElements(service, [slices[index] ?? fail()], node));
    }
    table.takeChange();
    const one = services[500] ?? fail();
    table.replace(one.key, serviceElements({ ...one, isExternalLocal: !one.isExternalLocal }, [], node));
    const change = renderChange(table.takeChange());
    const changeStart = performance.now();
    nft(change);
    const changed = performance.now() - changeStart;
    console.log(`1,000 Services: all in ${full.toFixed(0)} ms, one more change in ${changed.toFixed(0)} ms`);
    nft("delete table ip metallb_sandbox_proxy\n");
  }, 30_000);

  test.each([2, 3, 4])(
    "a history of changes ends in what the whole says (seed %i)",
    (seed) => {
      const chance = chanceFrom(seed);
      const services = new Map<string, ProxyService>();
      const slices = new Map<string, ProxySlice>();
      const table = new ElementTable();
      nft(renderRuleset([], [], node));
      for (let step = 0; step < 40; step++) {
        for (let count = 0; count <= chance(5); count++) {
          const index = chance(30);
          const key = `default/s${index}`;
          if (chance(4) === 0) {
            services.delete(key);
          } else {
            services.set(key, anyService(index, chance));
            slices.set(key, anySlice(index, chance));
          }
          const service = services.get(key);
          const slice = slices.get(key);
          table.replace(key, service ? serviceElements(service, slice ? [slice] : [], node) : []);
        }
        const change = table.takeChange();
        if (change.add.length + change.remove.length > 0) nft(renderChange(change));
      }
      const byChanges = held();
      nft(renderRuleset(services.values(), slices.values(), node));
      expect(byChanges).toEqual(held());
      expect(byChanges.length).toBeGreaterThan(50);
    },
    30_000,
  );
});

function fail(): never {
  throw new Error("The test's own table is too short");
}
