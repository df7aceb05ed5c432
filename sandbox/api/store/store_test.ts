import { describe, expect, test } from "bun:test";
import { type Change, Store } from "./mod.ts";

function pod(name: string, namespace = "default") {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace } };
}

describe("Store", () => {
  test("gives one counter of revisions to all collections", () => {
    const store = new Store({ revision: 10, changesMax: 100 });
    const first = store.collection("pods").insert(pod("a"));
    const second = store.collection("services").insert(pod("a"));
    expect([first.revision, second.revision]).toEqual([11, 12]);
    expect(second.object.metadata.resourceVersion).toBe("12");
  });

  test("lists in order of namespace and name", () => {
    const pods = new Store({ revision: 1, changesMax: 100 }).collection("pods");
    for (const [name, namespace] of [
      ["b", "z"],
      ["b", "a"],
      ["a", "z"],
      ["c", "a"],
    ] as const) {
      pods.insert(pod(name, namespace));
    }
    const keys = pods.list().map((each) => `${each.namespace}/${each.name}`);
    expect(keys).toEqual(["a/b", "a/c", "z/a", "z/b"]);
    expect(pods.list("z").map((each) => each.name)).toEqual(["a", "b"]);
    expect(pods.list("none")).toEqual([]);
  });

  test("replace() refuses a version that is no longer the stored one", () => {
    const pods = new Store({ revision: 1, changesMax: 100 }).collection("pods");
    const first = pods.insert(pod("a"));
    pods.replace(first, pod("a"));
    expect(() => pods.replace(first, pod("a"))).toThrow("changed between read and write");
    expect(() => pods.remove(first)).toThrow("changed between read and write");
  });

  test("remove() announces the last state with the revision of the deletion", () => {
    const pods = new Store({ revision: 1, changesMax: 100 }).collection("pods");
    const first = pods.insert(pod("a"));
    const last = pods.remove(first);
    expect(last.object.metadata.resourceVersion).toBe("3");
    expect(first.object.metadata.resourceVersion).toBe("2");
    expect(pods.size).toBe(0);
  });

  test("changesSince() gives later changes in order and undefined for compacted ones", () => {
    const pods = new Store({ revision: 1, changesMax: 4 }).collection("pods");
    for (let index = 0; index < 6; index++) pods.insert(pod(`p${index}`));
    expect(pods.changesSince(1)).toBeUndefined();
    expect(pods.compactedRevision).toBe(3);
    expect(pods.changesSince(3)?.map((change) => change.after.name)).toEqual(["p2", "p3", "p4", "p5"]);
    expect(pods.changesSince(6)?.map((change) => change.after.name)).toEqual(["p5"]);
    expect(pods.changesSince(7)).toEqual([]);
  });

  test("delivers a write made by a listener after the change that caused it, to everyone", () => {
    const store = new Store({ revision: 1, changesMax: 100 });
    const pods = store.collection("pods");
    const seen: number[] = [];
    store.onChange((_, change) => {
      if (change.after.name === "first") pods.insert(pod("second"));
    });
    pods.subscribe({}, (change: Change) => seen.push(change.revision));
    pods.insert(pod("first"));
    expect(seen).toEqual([2, 3]);
  });

  test("subscribers hear their scope only, until they leave", () => {
    const pods = new Store({ revision: 1, changesMax: 100 }).collection("pods");
    const heard: Record<string, string[]> = { all: [], namespace: [], name: [], one: [] };
    const listen = (key: string) => (change: Change) => heard[key]?.push(change.after.name);
    const leave = pods.subscribe({}, listen("all"));
    pods.subscribe({ namespace: "x" }, listen("namespace"));
    pods.subscribe({ name: "a" }, listen("name"));
    pods.subscribe({ namespace: "x", name: "b" }, listen("one"));
    pods.insert(pod("a", "x"));
    pods.insert(pod("b", "x"));
    leave();
    pods.insert(pod("a", "y"));
    expect(heard).toEqual({ all: ["a", "b"], namespace: ["a", "b"], name: ["a", "a"], one: ["b"] });
  });
});
