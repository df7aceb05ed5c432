import { describe, expect, test } from "bun:test";
import { parseFieldSelector, parseLabelSelector } from "../selectors/mod.ts";
import { Store } from "../store/mod.ts";
import { ManualScheduler } from "./manual_scheduler.ts";
import { WatchHub, type WatchNotice, WatchQueue, type WatchRequest, watchStream } from "./mod.ts";

function setUp(changesMax = 100) {
  const store = new Store({ revision: 1, changesMax });
  const scheduler = new ManualScheduler();
  const hub = new WatchHub(scheduler, () => store.revision);
  const pods = store.collection("pods");
  const open = (request: Partial<WatchRequest>) => {
    const seen: string[] = [];
    let isClosed = false;
    const stop = hub.open(
      pods,
      { scope: {}, marksInitialEventsEnd: false, allowBookmarks: false, timeoutMs: 300_000, ...request },
      { notify: (notice) => seen.push(text(notice)), close: () => (isClosed = true) },
    );
    return { seen, stop, isClosed: () => isClosed };
  };
  return { store, scheduler, hub, pods, open };
}

function text(notice: WatchNotice): string {
  if (notice.type === "ERROR") return `ERROR ${notice.error.code} ${notice.error.reason}`;
  if (notice.type === "BOOKMARK")
    return `BOOKMARK ${notice.revision}${notice.endsInitialEvents ? " end" : ""}`;
  return `${notice.type} ${notice.stored.name}@${notice.stored.object.metadata.resourceVersion}`;
}

function pod(name: string, labels: Record<string, string> = {}, nodeName = "") {
  return { metadata: { name, namespace: "default", labels }, spec: { nodeName } };
}

describe("WatchHub", () => {
  test("without a revision gives what exists as ADDED, then changes", () => {
    const { pods, open } = setUp();
    const first = pods.insert(pod("a"));
    const watch = open({});
    pods.remove(pods.replace(first, pod("a")));
    expect(watch.seen).toEqual(["ADDED a@2", "MODIFIED a@3", "DELETED a@4"]);
  });

  test("from a revision gives what was missed, then changes, and nothing twice", () => {
    const { pods, open } = setUp();
    const first = pods.insert(pod("a"));
    pods.replace(first, pod("a"));
    const watch = open({ startRevision: 2 });
    pods.insert(pod("b"));
    expect(watch.seen).toEqual(["MODIFIED a@3", "ADDED b@4"]);
  });

  test("answers 410 for a revision that is compacted away, and for one that is yet to come", () => {
    const { pods, open } = setUp(2);
    for (const name of ["a", "b", "c", "d"]) pods.insert(pod(name));
    const old = open({ startRevision: 1 });
    expect(old.seen).toEqual(["ERROR 410 Expired"]);
    expect(old.isClosed()).toBe(true);
    expect(open({ startRevision: 1_000 }).seen).toEqual(["ERROR 410 Expired"]);
    expect(open({ startRevision: 5 }).seen).toEqual([]);
  });

  test("an object that enters the selection is ADDED, one that leaves it is DELETED in its last selected state", () => {
    const { pods, open } = setUp();
    const labels = parseLabelSelector("app=web");
    let stored = pods.insert(pod("a", { app: "db" }));
    const live = open({ labels });
    stored = pods.replace(stored, pod("a", { app: "web" }));
    stored = pods.replace(stored, pod("a", { app: "web", tier: "x" }));
    stored = pods.replace(stored, pod("a", { app: "db" }));
    pods.remove(stored);
    const expected = ["ADDED a@3", "MODIFIED a@4", "DELETED a@5"];
    expect(live.seen).toEqual(expected);
    expect(open({ labels, startRevision: 2 }).seen).toEqual(expected);
  });

  test("field selectors and scopes narrow a watch", () => {
    const { pods, open } = setUp();
    const fields = parseFieldSelector("spec.nodeName=n1", {
      "spec.nodeName": (object) => (object as unknown as ReturnType<typeof pod>).spec.nodeName,
    });
    const onNode = open({ fields });
    const other = open({ scope: { namespace: "other" } });
    const one = open({ scope: { namespace: "default", name: "b" } });
    pods.insert(pod("a", {}, "n1"));
    pods.insert(pod("b", {}, "n2"));
    expect(onNode.seen).toEqual(["ADDED a@2"]);
    expect(other.seen).toEqual([]);
    expect(one.seen).toEqual(["ADDED b@3"]);
  });

  test("sends a bookmark a minute and one at the timeout, where asked", () => {
    const { store, scheduler, open, hub } = setUp();
    const watch = open({ allowBookmarks: true, timeoutMs: 90_000 });
    const silent = open({ timeoutMs: 90_000 });
    scheduler.advance(60_000);
    store.collection("services").insert(pod("x"));
    scheduler.advance(30_000);
    expect(watch.seen).toEqual(["BOOKMARK 1", "BOOKMARK 2"]);
    expect(watch.isClosed()).toBe(true);
    expect(silent.seen).toEqual([]);
    expect(silent.isClosed()).toBe(true);
    expect(hub.size).toBe(0);
    expect(scheduler.timers.size).toBe(0);
  });

  test("marks the end of the initial events", () => {
    const { pods, open } = setUp();
    pods.insert(pod("a"));
    const watch = open({ allowBookmarks: true, marksInitialEventsEnd: true });
    expect(watch.seen).toEqual(["ADDED a@2", "BOOKMARK 2 end"]);
  });

  test("a stopped watch hears nothing and keeps no timer; closeAll() ends the others", () => {
    const { pods, open, hub, scheduler } = setUp();
    const stopped = open({});
    const closed = open({ allowBookmarks: true });
    stopped.stop();
    hub.closeAll(pods);
    pods.insert(pod("a"));
    expect(stopped.seen).toEqual([]);
    expect(closed.seen).toEqual(["BOOKMARK 1"]);
    expect(closed.isClosed()).toBe(true);
    expect(scheduler.timers.size).toBe(0);
  });
});

describe("watchStream()", () => {
  test("starts with an empty line, gathers a turn's frames, and stops the watch when the reader leaves", async () => {
    const { pods, hub } = setUp();
    const request = { scope: {}, marksInitialEventsEnd: false, allowBookmarks: false, timeoutMs: 1_000 };
    const encode = (notice: WatchNotice) => new TextEncoder().encode(`${text(notice)}\n`);
    const reader = watchStream((sink) => hub.open(pods, request, sink), encode).getReader();
    const read = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await read()).toBe("\n");
    pods.insert(pod("a"));
    pods.insert(pod("b"));
    expect(await read()).toBe("ADDED a@2\nADDED b@3\n");
    expect(hub.size).toBe(1);
    await reader.cancel();
    expect(hub.size).toBe(0);
  });
});

describe("WatchQueue", () => {
  test("tells who falls too far behind to list again", async () => {
    const queue = new WatchQueue(2);
    for (let index = 0; index < 5; index++) {
      queue.notify({ type: "BOOKMARK", revision: index, endsInitialEvents: false });
    }
    const seen: string[] = [];
    for await (const notice of queue) seen.push(text(notice));
    expect(seen).toEqual(["ERROR 410 Expired"]);
  });

  test("gives notices in order and ends when closed", async () => {
    const { pods, hub } = setUp();
    const queue = new WatchQueue();
    hub.open(
      pods,
      { scope: {}, marksInitialEventsEnd: false, allowBookmarks: false, timeoutMs: 1_000 },
      queue,
    );
    pods.insert(pod("a"));
    queueMicrotask(() => {
      pods.insert(pod("b"));
      hub.closeAll();
    });
    const seen: string[] = [];
    for await (const notice of queue) seen.push(text(notice));
    expect(seen).toEqual(["ADDED a@2", "ADDED b@3"]);
  });
});
