import { describe, expect, test } from "bun:test";
import type { Layer2Entry } from "#core/announce/mod.ts";
import { KubeError } from "#k8s/mod.ts";
import { keptLog, ManualClock } from "#k8s/testing/mod.ts";
import { ApiDouble } from "./api_double.ts";
import { L2StatusWriter } from "./mod.ts";

const service = "shop/web";
const address = "192.0.2.1";
const entry = (
  winner: string,
  interfaces: string[] = [],
  at = address,
  services = [service],
): Layer2Entry => ({
  address: at,
  hashed: at,
  place: "first",
  services,
  interfaces,
  winner,
});

function cluster(...nodes: string[]) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  clock.random = random;
  const api = new ApiDouble(() => clock.now());
  const open = (node: string, uid = `uid-${node}`) => {
    const ended = new AbortController();
    const [log, told] = [keptLog(), [] as string[]];
    const writer = new L2StatusWriter({
      client: api.client(),
      namespace: "metallb-system",
      node,
      informer: api.informer(),
      pod: () => ({ name: `speaker-${node}`, uid }),
      announcerChanged: (changed, before) => told.push(`${changed} from ${before ?? "nobody"}`),
      log,
      signal: ended.signal,
      clock,
    });
    writer.start();
    const announce = (before?: Layer2Entry, after = entry(node)) => {
      writer.decided([{ address, after, ...(before && { before }) }]);
      writer.announced(address);
    };
    return { writer, log, told, announce, stop: () => ended.abort() };
  };
  const pass = async (ms: number, stepMs = 100) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await clock.advance(stepMs);
      api.deliver();
    }
  };
  return { api, clock, open, pass, speakers: nodes.map((node) => open(node)) };
}

describe("L2StatusWriter", () => {
  test("writes an object like MetalLB's, once, and then nothing", async () => {
    const { api, pass, speakers } = cluster("a", "b");
    speakers[0]?.announce();
    await pass(2_000);
    const [object] = [...api.objects.values()];
    expect(object).toMatchObject({
      apiVersion: "metallb.io/v1beta1",
      kind: "ServiceL2Status",
      metadata: {
        namespace: "metallb-system",
        generateName: "l2-",
        labels: {
          "metallb.io/node": "a",
          "metallb.io/service-name": "web",
          "metallb.io/service-namespace": "shop",
        },
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "speaker-a", uid: "uid-a" }],
      },
      status: { node: "a", serviceName: "web", serviceNamespace: "shop" },
    });
    expect(object?.metadata.name).toMatch(/^l2-[a-z0-9]{5}$/);
    expect(api.writes.length).toBe(2);
    await pass(3_600_000, 10_000);
    expect(api.writes.length).toBe(2);
  });

  test("writes nothing while the address is only decided, as where no interface carries it", async () => {
    const { api, pass, speakers } = cluster("a");
    speakers[0]?.writer.decided([{ address, after: entry("a") }]);
    await pass(30_000);
    expect(api.writes).toEqual([]);
  });

  test("after a takeover only the new announcer's is left, and it told of the change once", async () => {
    const { api, pass, speakers } = cluster("a", "b");
    const [a, b] = speakers;
    a?.announce();
    b?.writer.decided([{ address, after: entry("a") }]);
    await pass(2_000);
    // a died: b decides alone and answers.
    a?.stop();
    b?.announce(entry("a"), entry("b"));
    await pass(2_000);
    expect(api.table()).toEqual(["shop/web b"]);
    expect(b?.told).toEqual(["shop/web from a"]);
    expect(b?.writer.incumbents.get(service)).toBe("b");
  });

  test("in a planned move there is an incumbent at every moment, first the old, then the new", async () => {
    const { api, pass, speakers } = cluster("a", "b", "c");
    const [a, b, c] = speakers;
    const seen: (string | undefined)[] = [];
    c?.writer.incumbents.onChange((changed, node) => seen.push(changed === service ? node : "?"));
    a?.announce();
    await pass(2_000);
    a?.writer.decided([{ address, before: entry("a"), after: entry("b") }]);
    b?.writer.decided([{ address, before: entry("a"), after: entry("b") }]);
    await pass(3_000);
    expect(api.table()).toEqual(["shop/web a"]);
    b?.writer.announced(address);
    await pass(2_000);
    expect(api.table()).toEqual(["shop/web b"]);
    expect(seen).toEqual(["a", "b"]);
  });

  test("a speaker that restarts finds its object, tells nobody and writes nothing", async () => {
    const { api, open, pass, speakers } = cluster("a");
    speakers[0]?.announce();
    await pass(2_000);
    speakers[0]?.stop();
    const written = api.writes.length;
    const again = open("a");
    again.announce();
    await pass(60_000);
    expect(again.told).toEqual([]);
    expect(api.writes.length).toBe(written);
  });

  test("what it wrote before it restarted and no longer announces is removed", async () => {
    const { api, open, pass, speakers } = cluster("a");
    speakers[0]?.announce();
    await pass(2_000);
    speakers[0]?.stop();
    open("a");
    await pass(2_000);
    expect(api.table()).toEqual([]);
  });

  test("in a new Pod its object is made anew, to go with that Pod", async () => {
    const { api, open, pass, speakers } = cluster("a");
    speakers[0]?.announce();
    await pass(2_000);
    speakers[0]?.stop();
    open("a", "uid-new").announce();
    await pass(2_000);
    const [object] = [...api.objects.values()];
    expect(object?.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(["uid-new"]);
  });

  test("an object that the admin deletes comes back", async () => {
    const { api, pass, speakers } = cluster("a");
    speakers[0]?.announce();
    await pass(2_000);
    api.removeObject([...api.objects.keys()][0] ?? "");
    api.deliver();
    expect(api.table()).toEqual([]);
    await pass(2_000);
    expect(api.table()).toEqual(["shop/web a"]);
    expect(speakers[0]?.told.length).toBe(1);
  });

  test("an old object of this node, stuck on another node's name, is made anew (story 13)", async () => {
    const { api, open, pass } = cluster();
    const labels = {
      "metallb.io/node": "a",
      "metallb.io/service-name": "web",
      "metallb.io/service-namespace": "shop",
    };
    const status = { node: "b", serviceName: "web", serviceNamespace: "shop" };
    api.objects.set("l2-stuck", { metadata: { name: "l2-stuck", labels }, status });
    const speaker = open("a");
    expect(speaker.writer.incumbents.get(service)).toBeUndefined();
    speaker.announce();
    await pass(60_000);
    expect(api.table()).toEqual(["shop/web a"]);
    expect(api.writes.map((write) => write.split(" ")[0])).toEqual(["create", "fill", "remove"]);
  });

  test("two speakers that both believe to announce do not fight at speed (story 13)", async () => {
    const { api, pass, speakers } = cluster("a", "b");
    for (const speaker of speakers) speaker.announce();
    await pass(600_000, 250);
    const made = api.writes.filter((write) => write.startsWith("create")).length;
    expect(made).toBeGreaterThan(2);
    expect(made).toBeLessThan(50);
  });

  test("interfaces that change are rewritten once, in order", async () => {
    const { api, pass, speakers } = cluster("a");
    const [a] = speakers;
    a?.announce(undefined, entry("a", ["eth1", "eth0"]));
    await pass(2_000);
    expect(api.table()).toEqual(["shop/web a eth0,eth1"]);
    a?.writer.decided([
      { address, before: entry("a", ["eth1", "eth0"]), after: entry("a", ["eth0", "eth1"]) },
    ]);
    await pass(2_000);
    expect(api.writes.length).toBe(2);
    a?.writer.decided([{ address, before: entry("a", ["eth0", "eth1"]), after: entry("a") }]);
    await pass(2_000);
    expect(api.table()).toEqual(["shop/web a"]);
    expect(api.writes.length).toBe(3);
  });

  test("refused, it says so once and asks again each minute; allowed, it writes", async () => {
    const { api, pass, speakers } = cluster("a");
    let refused = 0;
    api.fault = () => {
      refused++;
      throw new KubeError(403, "Forbidden", "servicel2statuses is forbidden");
    };
    speakers[0]?.announce();
    await pass(300_000, 1_000);
    expect(refused).toBeGreaterThan(3);
    expect(refused).toBeLessThan(8);
    expect(speakers[0]?.log.lines.filter((line) => line.startsWith("warn"))).toEqual([
      'warn cannot write ServiceL2Status objects {"error":"KubeError: servicel2statuses is forbidden"}',
    ]);
    expect(speakers[0]?.told).toEqual(["shop/web from nobody"]);
    api.fault = () => {};
    await pass(62_000, 1_000);
    expect(api.table()).toEqual(["shop/web a"]);
  });

  test("a conflict of names and a server in trouble are tried again, at growing intervals", async () => {
    const { api, pass, speakers } = cluster("a");
    let asked = 0;
    api.fault = () => {
      asked++;
      throw asked === 1
        ? new KubeError(409, "AlreadyExists", "taken")
        : new KubeError(500, "InternalError", "no");
    };
    speakers[0]?.announce();
    await pass(120_000, 250);
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(30);
    api.fault = () => {};
    await pass(60_000, 250);
    expect(api.table()).toEqual(["shop/web a"]);
  });

  test("ten thousand Services at once are written at a bounded rate, and all of them", async () => {
    const { api, clock, pass, speakers } = cluster("a");
    const [a] = speakers;
    const changes = Array.from({ length: 10_000 }, (_, index) => {
      const at = `10.0.${index >> 8}.${index & 255}`;
      return { address: at, after: entry("a", [], at, [`shop/s${index}`]) };
    });
    a?.writer.decided(changes);
    for (const change of changes) a?.writer.announced(change.address);
    const startedAt = clock.now();
    await pass(10_000, 200);
    const perSecond = (api.writes.length * 1_000) / (clock.now() - startedAt);
    expect(perSecond).toBeLessThan(130);
    expect(perSecond).toBeGreaterThan(50);
  }, 30_000);

  test("whatever happened, what is written in the end is who announces, once each", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const { api, pass, speakers, clock } = cluster("a", "b", "c");
      const names = ["a", "b", "c"];
      const held = new Map<string, Layer2Entry | undefined>();
      const services = ["shop/one", "shop/two"];
      let state = seed;
      const next = (below: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((state / 2_147_483_648) * below);
      };
      api.fault = () => {
        if (next(3) === 0) throw new KubeError([409, 500, 404, 503][next(4)] ?? 500, "", "fault");
      };
      for (let turn = 0; turn < 12; turn++) {
        const at = next(2);
        const name = services[at] ?? "";
        const where = `192.0.2.${at}`;
        const before = held.get(name);
        const after = next(4) === 0 ? undefined : entry(names[next(3)] ?? "", [], where, [name]);
        held.set(name, after);
        for (const speaker of speakers) {
          speaker.writer.decided([{ address: where, ...(before && { before }), ...(after && { after }) }]);
          if (next(2) === 0) await clock.advance(next(400));
        }
        const winner = after && speakers[names.indexOf(after.winner ?? "")];
        winner?.writer.announced(where);
        await pass(next(1_500));
      }
      api.fault = () => {};
      await pass(400_000, 1_000);
      const expected = services.flatMap((name) => {
        const winner = held.get(name)?.winner;
        return winner === undefined ? [] : [`${name} ${winner}`];
      });
      expect({ seed, table: api.table() }).toEqual({ seed, table: expected.sort() });
    }
  }, 30_000);
});
