import { describe, expect, test } from "bun:test";
import type { PodView } from "#k8s/mod.ts";
import type { GossipMember } from "./gossip/mod.ts";
import { Members } from "./members.ts";

const gossip = (
  node: string,
  state: GossipMember["state"],
  overrides: Partial<GossipMember> = {},
): GossipMember => ({
  node,
  address: `192.168.1.1${node.at(-1)}`,
  port: 7946,
  state,
  since: 50,
  incarnation: 1,
  protocol: [1, 5, 2],
  ...overrides,
});

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
    members.heardByRing("node2", "alive", 1, 1);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([true, false]);
  });

  test("believes heartbeats rather than the Pod, in both directions", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3", { ready: false })], 0);
    members.heardByRing("node2", "dead", 900, 1500);
    members.heardByRing("node3", "alive", 1500, 1500);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([false, true]);
    expect(members.get("node2")).toMatchObject({ state: "dead", lastHeardAt: 900, since: 1500 });
  });

  test("tells when a node is back from the dead", () => {
    const members = new Members("node1");
    members.setPods([pod("node2")], 0);
    expect(members.heardByRing("node2", "alive", 1, 1)).toBe(false);
    expect(members.heardByRing("node2", "dead", 1, 2)).toBe(false);
    expect(members.heardByRing("node2", "alive", 3, 3)).toBe(true);
    members.heardByRing("node2", "left", 4, 4);
    expect(members.heardByRing("node2", "alive", 5, 5)).toBe(false);
  });

  test("forgets what was heard of a Pod that is gone or has another address", () => {
    const members = new Members("node1");
    members.setPods([pod("node2")], 0);
    members.heardByRing("node2", "dead", 1, 2);
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

  test("believes memberlist about a speaker that the ring never heard, and rather than its Pod", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3", { ready: false }), pod("node4")], 0);
    members.gossiped(gossip("node2", "dead"));
    members.gossiped(gossip("node3", "suspect"));
    members.gossiped(gossip("node4", "left"));
    expect(members.list().map(({ state, by }) => `${state} by ${by}`)).toEqual([
      "dead by memberlist",
      "alive by memberlist",
      "left by memberlist",
    ]);
  });

  test("the ring's verdict counts before memberlist's, both ways", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3")], 0);
    const ours = { capability: 1, fastPort: 7947 };
    members.gossiped(gossip("node2", "alive", ours));
    members.gossiped(gossip("node3", "dead", ours));
    members.heardByRing("node2", "dead", 1, 2);
    members.heardByRing("node3", "alive", 1, 2);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([false, true]);
    expect(members.gossiped(gossip("node2", "alive", ours))).toBe(false);
    expect(members.get("node2")).toMatchObject({ by: "ring", state: "dead" });
  });

  test("the ring's last word is over when MetalLB's speaker runs there now, or ours is back after its goodbye", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3")], 0);
    members.heardByRing("node2", "dead", 1, 100);
    members.heardByRing("node3", "left", 1, 100);
    members.gossiped(gossip("node3", "alive", { capability: 1, fastPort: 7947, since: 90 }));
    expect(members.get("node3")).toMatchObject({ state: "left", by: "ring" });
    members.gossiped(gossip("node2", "alive"));
    members.gossiped(gossip("node3", "alive", { capability: 1, fastPort: 7947, since: 110 }));
    expect(members.list().map(({ state, by }) => `${state} by ${by}`)).toEqual([
      "alive by memberlist",
      "alive by memberlist",
    ]);
  });

  test("a ready Pod that neither heard is not there once the others are heard, by memberlist too", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3")], 0);
    members.gossiped(gossip("node2", "alive"));
    expect(members.isAlive("node3")).toBe(true);
    members.settle();
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([true, false]);
  });

  test("whom memberlist hears is there without a Pod, and gone without one when it is dead", () => {
    const members = new Members("node1");
    members.gossiped(gossip("node9", "alive"));
    members.gossiped(gossip("node1", "alive"));
    expect(members.list()).toMatchObject([{ node: "node9", address: "192.168.1.19", state: "alive" }]);
    members.gossiped(gossip("node9", "dead"));
    expect(members.list()).toEqual([]);
    expect(members.isAlive("node9")).toBe(false);
  });

  test("tells when a node is back from the dead by memberlist's word", () => {
    const members = new Members("node1");
    members.setPods([pod("node2")], 0);
    expect(members.gossiped(gossip("node2", "alive"))).toBe(false);
    expect(members.gossiped(gossip("node2", "suspect"))).toBe(false);
    expect(members.gossiped(gossip("node2", "dead"))).toBe(false);
    expect(members.gossiped(gossip("node2", "alive"))).toBe(true);
  });

  test("all are capable while nobody alive is MetalLB's, by the ring's hearing or by memberlist's metadata", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3"), pod("node4")], 0);
    members.gossiped(gossip("node2", "alive", { capability: 1, fastPort: 7947 }));
    members.heardByRing("node3", "alive", 1, 1);
    expect(members.areAllCapable()).toBe(false);
    members.gossiped(gossip("node4", "alive"));
    expect(["node1", "node2", "node3", "node4"].map((node) => members.isCapable(node))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    members.gossiped(gossip("node4", "left"));
    expect(members.areAllCapable()).toBe(true);
  });

  test("another Pod at another address forgets what memberlist said of the old one, not of the new one", () => {
    const members = new Members("node1");
    members.setPods([pod("node2"), pod("node3")], 0);
    members.gossiped(gossip("node2", "dead"));
    members.gossiped(gossip("node3", "dead", { address: "192.168.1.98" }));
    members.setPods([pod("node2", { podIP: "192.168.1.99" }), pod("node3", { podIP: "192.168.1.98" })], 1);
    expect([members.isAlive("node2"), members.isAlive("node3")]).toEqual([true, false]);
  });

  test("disabled as in MetalLB: every node counts as having a speaker", () => {
    const members = new Members("node1", { isDisabled: true });
    members.setPods([pod("node2", { ready: false })], 0);
    expect([members.isAlive("node2"), members.isAlive("node7")]).toEqual([true, true]);
  });
});
