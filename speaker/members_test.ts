import { describe, expect, test } from "bun:test";
import type { PodView } from "#k8s/mod.ts";
import { Members } from "./members.ts";

const pod = (nodeName: string, overrides: Partial<PodView> = {}): PodView => ({
  namespace: "metallb-system",
  name: `speaker-${nodeName}`,
  uid: nodeName,
  nodeName,
  podIP: `192.168.1.1${nodeName.at(-1)}`,
  ready: true,
  ...overrides,
});

describe("Members", () => {
  test("is itself always alive, and lists only the others", () => {
    const members = new Members("node1");
    members.setPods([pod("node1"), pod("node2")], 0);
    expect(members.isAlive("node1")).toBe(true);
    expect(members.list().map((member) => member.node)).toEqual(["node2"]);
  });

  test("takes a speaker never heard for alive while its Pod is ready", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3", { ready: false })], 0);
    expect([members.isAlive("node2"), members.isAlive("node3"), members.isAlive("node4")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("after all had the time to be heard, a ready Pod never heard is alive only where nobody was heard", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3")], 0);
    members.settle();
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([true, true]);
    members.heard("node2", "alive", 1, 1);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([true, false]);
  });

  test("believes heartbeats rather than the Pod, in both directions", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3", { ready: false })], 0);
    members.heard("node2", "dead", 900, 1500);
    members.heard("node3", "alive", 1500, 1500);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([false, true]);
    expect(members.get("node2")).toMatchObject({ state: "dead", lastHeardAt: 900, since: 1500 });
  });

  test("tells when a node is back from the dead", () => {
    const members = new Members("node1");
    members.setPods([pod("node2")], 0);
    expect(members.heard("node2", "alive", 1, 1)).toBe(false);
    expect(members.heard("node2", "dead", 1, 2)).toBe(false);
    expect(members.heard("node2", "alive", 3, 3)).toBe(true);
    members.heard("node2", "left", 4, 4);
    expect(members.heard("node2", "alive", 5, 5)).toBe(false);
  });

  test("forgets what was heard of a Pod that is gone or has another address", () => {
    const members = new Members("node1");
    members.setPods([pod("node2")], 0);
    members.heard("node2", "dead", 1, 2);
    members.setPods([pod("node2", { podIP: "192.168.1.99" })], 3);
    expect(members.isAlive("node2")).toBe(true);
    members.setPods([], 4);
    expect(members.isAlive("node2")).toBe(false);
    expect(members.list()).toEqual([]);
  });

  test("of two Pods on one node the ready one counts", () => {
    const members = new Members("node1");
    const old = pod("node2", { name: "speaker-old", ready: false, podIP: "192.168.1.12" });
    members.setPods([pod("node2"), old], 0);
    expect(members.isAlive("node2")).toBe(true);
    members.setPods([old, pod("node2")], 1);
    expect(members.isAlive("node2")).toBe(true);
  });
});
