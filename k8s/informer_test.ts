import { describe, expect, test } from "bun:test";
import { backoffMs } from "./backoff.ts";
import { createInformer } from "./informer.ts";
import { FakeClient, keptLog, ManualClock, settle } from "./testing/mod.ts";
import { KubeError, type KubeObject, resources } from "./types.ts";
import { BrokenWatchError } from "./watch_stream.ts";

function node(name: string, resourceVersion: string, label = "", uid = `uid-${name}`): KubeObject {
  return {
    metadata: { name, uid, resourceVersion, labels: { label }, managedFields: [{ manager: "kubectl" }] },
  };
}

const gone = new KubeError(410, "Expired", "too old resource version");

function start(client: FakeClient, project = (object: KubeObject) => object.metadata.labels?.label ?? "") {
  const clock = new ManualClock();
  const log = keptLog();
  const abort = new AbortController();
  const told: string[] = [];
  const informer = createInformer(client, {
    resource: resources.nodes,
    project,
    log,
    signal: abort.signal,
    clock,
  });
  informer.subscribe({
    changed: (after, before) => told.push(before === undefined ? `+${after}` : `${before}>${after}`),
    removed: (before) => told.push(`-${before}`),
  });
  informer.onConnection((connected) => told.push(connected ? "connected" : "away"));
  return { clock, log, abort, told, informer };
}

describe("createInformer()", () => {
  test("lists, then watches from the list's version, and tells old and new", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [node("a", "1", "x")], resourceVersion: "5" });
    const { told, informer } = start(client);
    expect(informer.synced).toBe(false);
    await informer.whenSynced();
    await settle();
    expect(client.openWatch.from).toBe("5");
    client.openWatch.send("ADDED", node("b", "6", "y"));
    client.openWatch.send("MODIFIED", node("a", "7", "z"));
    client.openWatch.send("DELETED", node("b", "8", "y"));
    await settle();
    expect(told).toEqual(["+x", "connected", "+y", "x>z", "-y"]);
    expect([...informer.values()]).toEqual(["z"]);
    expect(informer.get("a")).toBe("z");
  });

  test("a change of fields that are not kept is no change; managedFields never reach project()", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [node("a", "1", "x")], resourceVersion: "5" });
    const seen: unknown[] = [];
    const { told } = start(client, (object) => {
      seen.push(object.metadata.managedFields);
      return object.metadata.labels?.label ?? "";
    });
    await settle();
    client.openWatch.send("MODIFIED", node("a", "6", "x"));
    await settle();
    expect(told).toEqual(["+x", "connected"]);
    expect(seen).toEqual([undefined, undefined]);
  });

  test("resumes after a bookmark's version when the watch ends, at once when it lived", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [], resourceVersion: "5" });
    const { clock } = start(client);
    await settle();
    client.openWatch.send("BOOKMARK", { metadata: { name: "", resourceVersion: "90" } });
    await settle();
    await clock.advance(300_000);
    client.openWatch.end();
    await settle();
    expect(client.watches.map((watch) => watch.from)).toEqual(["5", "90"]);
    expect(client.listCount).toBe(1);
  });

  test("asks for a random life of 290 to 580 s", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [], resourceVersion: "5" });
    const { clock } = start(client);
    await settle();
    clock.setRandom(0.999);
    client.openWatch.send("BOOKMARK", { metadata: { name: "", resourceVersion: "6" } });
    await clock.advance(1_000);
    client.openWatch.end();
    await settle();
    expect(client.timeouts).toEqual([290, 580]);
  });

  test("410 lists anew at once and tells only what differs", async () => {
    const client = new FakeClient();
    client.lists.push(
      { items: [node("a", "1", "x"), node("b", "2", "y"), node("c", "3", "z")], resourceVersion: "5" },
      {
        items: [node("a", "1", "x"), node("b", "9", "Y"), node("c", "10", "z", "new")],
        resourceVersion: "12",
      },
    );
    const { told } = start(client);
    await settle();
    told.length = 0;
    client.openWatch.fail(gone);
    await settle();
    expect(told).toEqual(["y>Y", "-z", "+z"]);
    expect(client.openWatch.from).toBe("12");
  });

  test("410 upon 410 backs off instead of listing in a loop", async () => {
    const client = new FakeClient();
    for (let n = 0; n < 3; n++) client.lists.push({ items: [], resourceVersion: "5" });
    client.watchFailures.push(gone, gone, gone);
    const { clock } = start(client);
    await settle();
    expect(client.listCount).toBe(2);
    await clock.advance(backoffMs(1, 0));
    expect(client.listCount).toBe(3);
  });

  test("a lost API server is said once, asked with growing pauses, and resumed without a list", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [node("a", "1", "x")], resourceVersion: "5" });
    const { clock, log, told, informer } = start(client);
    await settle();
    client.watchFailures.push(new Error("ECONNREFUSED"), new Error("ECONNREFUSED"));
    client.openWatch.fail(new Error("ECONNRESET"));
    await settle();
    expect(informer.connected).toBe(false);
    expect(informer.lastError).toBe("ECONNRESET");
    expect(informer.get("a")).toBe("x");
    await clock.advance(250 + 500 + 1_000 - 1);
    expect(informer.connected).toBe(false);
    await clock.advance(1);
    expect(informer.connected).toBe(true);
    expect(informer.lastError).toBeUndefined();
    expect(client.openWatch.from).toBe("5");
    expect(told).toEqual(["+x", "connected", "away", "connected"]);
    expect(log.lines.filter((line) => line.startsWith("warn"))).toHaveLength(1);
  });

  test("a server that closes each watch at once is asked with growing pauses", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [], resourceVersion: "5" });
    const { clock } = start(client);
    await settle();
    for (let n = 0; n < 5; n++) {
      client.openWatch.end();
      await clock.advance(0);
      await clock.advance(clock.nextMs() ?? 0);
    }
    expect(client.watches).toHaveLength(6);
    expect(clock.now() - 1_000_000).toBe(250 + 500 + 1_000 + 2_000 + 4_000);
  });

  test("a server that sends a bookmark and closes, again and again, is asked with growing pauses too", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [], resourceVersion: "5" });
    const { clock } = start(client);
    await settle();
    for (let n = 0; n < 5; n++) {
      client.openWatch.send("BOOKMARK", { metadata: { name: "", resourceVersion: `${90 + n}` } });
      client.openWatch.end();
      await clock.advance(clock.nextMs() ?? 0);
      await clock.advance(clock.nextMs() ?? 0);
    }
    expect(clock.now() - 1_000_000).toBeGreaterThanOrEqual(250 + 500 + 1_000 + 2_000 + 4_000);
  });

  test("a line that is no event is an error, and what it should have told is listed", async () => {
    const client = new FakeClient();
    client.lists.push(
      { items: [node("a", "1", "x")], resourceVersion: "5" },
      { items: [node("a", "6", "y")], resourceVersion: "6" },
    );
    const { told, clock, informer } = start(client);
    await settle();
    client.openWatch.fail(new BrokenWatchError("Cannot parse a line of the watch"));
    await settle();
    expect(informer.connected).toBe(false);
    await clock.advance(250);
    expect(told).toEqual(["+x", "connected", "away", "x>y", "connected"]);
    expect(client.openWatch.from).toBe("6");
  });

  test("where watching alone is forbidden, lists a minute apart tell what changes, till it is allowed", async () => {
    const client = new FakeClient();
    const forbidden = new KubeError(403, "Forbidden", "nodes is forbidden");
    client.lists.push(
      { items: [node("a", "1", "x")], resourceVersion: "5" },
      { items: [node("a", "6", "y")], resourceVersion: "6" },
    );
    client.watchFailures.push(...Array.from({ length: 11 }, () => forbidden));
    const { clock, informer } = start(client);
    await settle();
    expect(informer.isRefused).toBe(true);
    await clock.advance(59_000);
    expect([client.listCount, informer.get("a")]).toEqual([1, "x"]);
    await clock.advance(17_000);
    expect([client.listCount, informer.get("a")]).toEqual([2, "y"]);
    await clock.advance(60_000);
    expect([client.listCount, informer.connected, informer.isRefused]).toEqual([2, true, false]);
  });

  test.each([-7 * 3_600_000, 7 * 3_600_000])("a wall's clock set by %p ms moves no pause", async (byMs) => {
    const client = new FakeClient();
    client.lists.push(new Error("refused"), { items: [], resourceVersion: "5" });
    const { clock, informer } = start(client);
    await settle();
    clock.setWall(byMs);
    await clock.advance(249);
    expect(informer.connected).toBe(false);
    await clock.advance(1);
    expect(informer.connected).toBe(true);
  });

  test("Retry-After is the least pause", async () => {
    const client = new FakeClient();
    client.lists.push(new KubeError(429, "TooManyRequests", "slow down", 7_000), {
      items: [],
      resourceVersion: "5",
    });
    const { clock, informer } = start(client);
    await clock.advance(6_999);
    expect(informer.synced).toBe(false);
    await clock.advance(1);
    expect(informer.synced).toBe(true);
  });

  test("a kind that is missing or forbidden is answered though never synced, and asked for again", async () => {
    const client = new FakeClient();
    client.lists.push(new KubeError(404, "NotFound", "the server could not find the requested resource"), {
      items: [],
      resourceVersion: "5",
    });
    const { clock, informer } = start(client);
    await informer.whenAnswered();
    expect(informer.synced).toBe(false);
    expect(informer.lastError).toContain("404 NotFound");
    await clock.advance(250);
    expect(informer.synced).toBe(true);
    expect(informer.lastError).toBeUndefined();
  });

  test("an object of an unknown shape is logged and left out; its last good reading stays", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [node("a", "1", "x"), node("b", "2", "bad")], resourceVersion: "5" });
    const { told, log, informer } = start(client, (object) => {
      const label = object.metadata.labels?.label ?? "";
      if (label === "bad") throw new Error("spec.ports: expected a list");
      return label;
    });
    await settle();
    client.openWatch.send("MODIFIED", node("a", "6", "bad"));
    client.openWatch.send("ADDED", node("c", "7", "z"));
    await settle();
    expect(told).toEqual(["+x", "connected", "+z"]);
    expect(informer.get("a")).toBe("x");
    expect(log.lines.filter((line) => line.includes("spec.ports: expected a list"))).toHaveLength(2);
  });

  test("a handler that throws is logged and the others are told", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [node("a", "1", "x")], resourceVersion: "5" });
    const clock = new ManualClock();
    const log = keptLog();
    const informer = createInformer(client, {
      resource: resources.nodes,
      project: (object) => object.metadata.name,
      log,
      signal: new AbortController().signal,
      clock,
    });
    const told: string[] = [];
    informer.subscribe({
      changed: () => {
        throw new Error("first handler broke");
      },
      removed: () => {},
    });
    informer.subscribe({ changed: (after) => told.push(after), removed: () => {} });
    await settle();
    expect(told).toEqual(["a"]);
    expect(log.lines.join("\n")).toContain("first handler broke");
  });

  test("freshSince() lists anew while the watch stands, and tells only what that shows to have changed", async () => {
    const client = new FakeClient();
    client.lists.push(
      { items: [node("a", "1", "x"), node("b", "2", "y")], resourceVersion: "5" },
      { items: [node("a", "1", "x"), node("c", "7", "z")], resourceVersion: "9" },
    );
    const { told, informer, clock } = start(client);
    await settle();
    await clock.advance(10);
    let isFresh = false;
    void informer.freshSince(clock.steady()).then(() => {
      isFresh = true;
    });
    expect(isFresh).toBe(false);
    await settle();
    expect([isFresh, client.listCount, client.openWatch.from]).toEqual([true, 2, "9"]);
    expect(told).toEqual(["+x", "+y", "connected", "+z", "-y"]);
    await informer.freshSince(clock.steady());
    expect(client.listCount).toBe(2);
  });

  test("freshSince() waits for a list that succeeds, with the pauses of every other, and wakes one that pauses", async () => {
    const client = new FakeClient();
    const away = new Error("refused");
    client.lists.push(away, away, away, { items: [node("a", "1", "x")], resourceVersion: "5" });
    const { told, informer, clock } = start(client);
    await settle();
    await clock.advance(100);
    let isFresh = false;
    void informer.freshSince(clock.steady()).then(() => {
      isFresh = true;
    });
    await settle();
    expect([isFresh, client.listCount]).toEqual([false, 2]);
    await clock.advance(500 + 1_000);
    expect([isFresh, client.listCount]).toEqual([true, 4]);
    expect(told).toEqual(["+x", "connected"]);
  });

  test("nothing is asked or told after the signal aborts", async () => {
    const client = new FakeClient();
    client.lists.push({ items: [], resourceVersion: "5" });
    const { clock, told, abort } = start(client);
    await settle();
    const watch = client.openWatch;
    abort.abort();
    watch.send("ADDED", node("late", "9", "late"));
    await clock.advance(60_000);
    expect(told).toEqual(["connected"]);
    expect(client.watches).toHaveLength(1);
    expect(clock.nextMs()).toBeUndefined();
  });
});

test.each([
  [1, 0, 250],
  [1, 1, 125],
  [4, 0, 2_000],
  [7, 0, 15_000],
  [1_000, 0.5, 11_250],
])("backoffMs(%d failures, random %d) is %d", (failures, random, expected) => {
  expect(backoffMs(failures, random)).toBe(expected);
});
