/** What a controller and a speaker do when the way to the Kubernetes API goes bad: faults × components. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKubernetes, createInformer, resources } from "#k8s/mod.ts";
import { keptLog, ManualClock } from "#k8s/testing/mod.ts";
import { createSandboxApi, writeKubeconfig } from "#sandbox/api/mod.ts";
import type { Overview } from "#server/mod.ts";
import { eventually } from "./controller_support.ts";
import { FaultyCluster, token } from "./harness/api_faults/cluster.ts";
import { type Act, type Ask, FaultyProxy, isRead, isWatch, isWrite } from "./harness/api_faults/mod.ts";

/** Seconds of the product's clock that a fault lasts. */
const faultSeconds = 14;
let cluster: FaultyCluster;

beforeAll(async () => {
  cluster = await FaultyCluster.start();
  await cluster.serve("before");
  await cluster.settled("before");
}, 30_000);

afterEach(() => cluster.proxy.liftAll());
afterAll(() => cluster?.stop());

const answer = (status: number, more: object = {}): Act => ({ do: "answer", status, ...more });
const half = (line: string) => ({ text: line.slice(0, Math.ceil(line.length / 2)), end: "reset" as const });
const isBookmark = (line: string) => line.startsWith('{"type":"BOOKMARK"');

interface Row {
  readonly what: string;
  readonly act: Act;
  readonly only?: (ask: Ask) => boolean;
  readonly times?: number;
  /** Open connections are cut when the fault begins: else a watch that stands does not notice it. */
  readonly isCut?: boolean;
  /** It is known for cached state while it lasts. */
  readonly isAway?: boolean;
  /** What is told while it lasts arrives nevertheless. */
  readonly isHarmless?: boolean;
}

const rows: readonly Row[] = [
  { what: "connections are reset", act: { do: "reset" }, isCut: true, isAway: true },
  { what: "connections are accepted and never answered", act: { do: "swallow" }, isCut: true, isAway: true },
  { what: "every answer comes 100 ms late", act: { do: "delay", ms: 100 }, isCut: true, isHarmless: true },
  { what: "everything is answered 500", act: answer(500), isCut: true, isAway: true },
  {
    what: "everything is answered 503 by a proxy",
    act: answer(503, { text: "no upstream" }),
    isCut: true,
    isAway: true,
  },
  {
    what: "everything is answered 200 by a stranger",
    act: answer(200, { text: "<html>" }),
    isCut: true,
    isAway: true,
  },
  { what: "reads are answered 429", act: answer(429), only: isRead, isCut: true },
  { what: "watches are answered 410, again and again", act: answer(410), only: isWatch, isCut: true },
  {
    what: "one watch of each kind is answered 410",
    act: answer(410),
    only: isWatch,
    times: 20,
    isCut: true,
    isHarmless: true,
  },
  { what: "writes are answered 500", act: answer(500), only: isWrite },
  { what: "writes are answered 409", act: answer(409), only: isWrite },
  { what: "the answer to writes is lost", act: { do: "reset", after: true }, only: isWrite },
  { what: "watches end with half a line", act: { do: "lines", edit: half }, only: isWatch },
  {
    what: "lines of watches are garbage",
    act: { do: "lines", edit: (line) => ({ text: `{"type":"ADD${line.slice(20)}\n` }) },
    only: isWatch,
  },
  {
    what: "watches never send a bookmark",
    act: { do: "lines", edit: (line) => (isBookmark(line) ? undefined : { text: `${line}\n` }) },
    only: isWatch,
    isHarmless: true,
  },
  { what: "watches are closed at once", act: { do: "close", afterMs: 0 }, only: isWatch, isCut: true },
  {
    what: "watches are closed each 100 ms",
    act: { do: "close", afterMs: 100 },
    only: isWatch,
    isCut: true,
    isHarmless: true,
  },
];

describe("while", () => {
  for (const { what, act, only, times, isCut, isAway, isHarmless } of rows) {
    test(what, async () => {
      const name = `during-${rows.findIndex((row) => row.what === what)}`;
      const before = await cluster.versions();
      const fault = cluster.proxy.inject({ act, ...(only && { only }), ...(times && { times }) });
      if (isCut) cluster.proxy.resetAll();
      const since = performance.now();
      await cluster.serve(name);
      if (isHarmless) await cluster.settled(name);
      else await cluster.pass(faultSeconds);
      const seconds = cluster.secondsSince(since);
      const asked = cluster.proxy.asked(since);
      if (isAway) await eventually("both say so", 10_000, async () => (await cluster.cached()).length === 2);
      expect(fault.hits).toBeGreaterThan(0);
      fault.lift();

      await cluster.settled(name);
      await eventually(
        "nothing is cached any more",
        10_000,
        async () => (await cluster.cached()).length === 0,
      );
      expect(loops(asked, seconds)).toEqual([]);
      await cluster.removed(name);
      const after = await cluster.versions();
      expect(after.get("before")).toBe(before.get("before"));
      expect(cluster.writesOf(name)).toBe(1);
    }, 30_000);
  }

  test("the API server is away, every page says since when, and a line of what needs attention says why", async () => {
    const logIn = await fetch(`${cluster.console}/login?token=${token}`, { redirect: "manual" });
    const headers = {
      Cookie: logIn.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; "),
    };
    expect(logIn.status).toBe(303);
    const overview = async () => {
      const response = await fetch(`${cluster.console}/api/v1/overview`, { headers });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as Overview;
    };
    const isLive = async () => (await overview()).cachedSince === undefined;
    await eventually("all is well", 10_000, isLive);
    const fault = cluster.proxy.inject({ act: { do: "reset" } });
    cluster.proxy.resetAll();
    const { api, attention } = await eventually("it is known", 10_000, async () => {
      const answer = await overview();
      return answer.cachedSince !== undefined && answer;
    });
    expect(api.connected).toBe(false);
    expect(attention.find(({ kind }) => kind === "api-away")?.text).toContain("ECONNRESET");
    const page = await (await fetch(`${cluster.console}/pools`, { headers })).text();
    expect(page).toContain("Running on cached state since");
    fault.lift();
    await eventually("it is over", 10_000, isLive);
  }, 30_000);

  test("Retry-After is heeded", async () => {
    const fault = cluster.proxy.inject({ only: isRead, act: answer(429, { retryAfterSeconds: 15 }) });
    cluster.proxy.resetAll();
    const since = performance.now();
    await cluster.pass(40);
    const seconds = cluster.secondsSince(since);
    const counts = counted(cluster.proxy.asked(since).filter(isRead));
    fault.lift();
    for (const [, count] of counts) expect(count).toBeLessThanOrEqual(seconds / 15 + 4);
    await cluster.serve("patient");
    await cluster.settled("patient");
    await cluster.removed("patient");
  }, 30_000);

  test("a list whose continue token has expired begins again", async () => {
    for (let n = 0; n < 4; n++) await cluster.serve(`paged-${n}`);
    await cluster.settled("paged-3");
    const pages = cluster.proxy.inject({
      only: ({ verb }) => verb === "LIST",
      act: { do: "rewrite", query: { limit: "2" } },
    });
    const isSecond = ({ verb, query }: Ask) => verb === "LIST" && query.has("continue");
    const expired = cluster.proxy.inject({ only: isSecond, act: answer(410), times: 2 });
    // Watches that have expired, too, ask for lists.
    const watches = cluster.proxy.inject({ only: isWatch, act: answer(410), times: 30 });
    cluster.proxy.resetAll();
    await cluster.serve("paged-late");
    await cluster.settled("paged-late");
    expect([expired.hits, pages.hits > 4]).toEqual([2, true]);
    for (const fault of [pages, expired, watches]) fault.lift();
    for (const name of ["paged-late", ...Array.from({ length: 4 }, (_, n) => `paged-${n}`)]) {
      expect(cluster.writesOf(name)).toBe(1);
      await cluster.removed(name);
    }
  }, 30_000);
});

test("a watch that went silent is found by its watchdog, also when the wall's clock was set back by hours", async () => {
  const api = createSandboxApi({ now: Date.now });
  api.addToken(token, { username: "product", groups: ["system:masters"] });
  const proxy = await FaultyProxy.start((request) => api.fetch(request));
  const directory = await mkdtemp(join(tmpdir(), "mlbt-stall-"));
  const kubeconfig = join(directory, "kubeconfig");
  await Bun.write(kubeconfig, writeKubeconfig({ server: proxy.url, caPem: "", token }));
  const clock = new ManualClock();
  const { client } = await connectKubernetes({ kubeconfig, clock, userAgent: "metallb-test/0" });
  const ended = new AbortController();
  const nodes = createInformer(client, {
    resource: resources.nodes,
    project: ({ metadata }) => metadata.name,
    log: keptLog(),
    signal: ended.signal,
    clock,
  });
  await nodes.whenSynced();
  await eventually("the watch stands", 5_000, async () => api.openWatches === 1);
  const told: (string | undefined)[] = [];
  nodes.onConnection((connected) => connected || told.push(nodes.lastError));
  const stall = proxy.inject({ only: isWatch, act: { do: "lines", edit: () => undefined } });
  await api.client.create(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "late" } });
  await eventually("the line is lost", 5_000, async () => stall.hits > 0);
  stall.lift();
  clock.setWall(-5 * 3_600_000);
  await clock.advance(119_000);
  expect([nodes.connected, nodes.get("late")]).toEqual([true, undefined]);
  await clock.advance(61_000);
  await eventually("the silence is noticed", 5_000, async () => told.length === 1);
  expect(told[0]).toContain("was silent for 120 s");
  await eventually("what was missed is known", 5_000, async () => {
    await clock.advance(100);
    return nodes.get("late") === "late";
  });
  // Resumed, and not listed anew.
  expect(proxy.asked().filter(({ verb }) => verb === "LIST")).toHaveLength(1);
  ended.abort();
  await proxy.stop();
  api.close();
  await rm(directory, { recursive: true });
}, 30_000);

function counted(asked: readonly Ask[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { agent, verb, resource, namespace = "", name = "" } of asked) {
    const key = `${agent} ${verb} ${resource} ${namespace}/${name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * Asked more often than backoff allows: nine times in the first fifteen seconds, then twice in fifteen at the most; and as
 * much again where something was told in between, for that begins it anew.
 */
function loops(asked: readonly Ask[], seconds: number): string[] {
  const most = 20 + (2 * seconds) / 15;
  return [...counted(asked)]
    .filter(([, count]) => count > most)
    .map(([key, count]) => `${key}: ${count} > ${most}`);
}
