import { describe, expect, test } from "bun:test";
import type { ServiceView } from "#core/service/mod.ts";
import { ManualClock } from "#k8s/testing/mod.ts";
import { SpeakerEvents } from "./events.ts";

function open() {
  const clock = new ManualClock();
  const told: string[] = [];
  const events = new SpeakerEvents({
    recorder: {
      record: ({ kind, namespace, name }, type, reason, message) => {
        told.push(`${type} ${reason} ${kind} ${namespace}/${name}: ${message}`);
      },
    },
    node: "node1",
    service: (key) =>
      key === "shop/gone" ? undefined : ({ namespace: "shop", name: key.slice(5), uid: "u" } as ServiceView),
    clock,
  });
  return { clock, told, events };
}

const conflict = {
  address: "192.0.2.1",
  mac: "02:00:00:00:00:99",
  ownMac: "02:00:00:00:00:01",
  interface: "eth0",
  phase: "owned",
  since: 0,
  lastAt: 0,
} as const;

describe("SpeakerEvents", () => {
  test("nodeAssigned is MetalLB's, word for word", () => {
    const { told, events } = open();
    events.nodeAssigned("shop/web", "layer2");
    events.nodeAssigned("shop/gone", "layer2");
    expect(told).toEqual([
      'Normal nodeAssigned Service shop/web: announcing from node "node1" with protocol "layer2"',
    ]);
  });

  test("announceFailed says which interfaces are asked for, and which there are", () => {
    const { told, events } = open();
    events.announceFailed("shop/web", ["eth7", "bond0"], ["eth0"]);
    expect(told).toEqual([
      'Warning announceFailed Service shop/web: not announced: node "node1" has no usable interface of those that the L2Advertisements name, "eth7", "bond0"; usable ones there are "eth0"',
    ]);
  });

  test("announcerLost names who was lost, who took over, and how long it took", () => {
    const { told, events } = open();
    events.announcerLost(["shop/web", "shop/dns"], { address: "192.0.2.1", from: "node2", tookMs: 612 });
    expect(told[0]).toBe(
      'Warning announcerLost Service shop/web: node "node2" stopped answering: node "node1" announces 192.0.2.1 since 0.61 s after its last sign of life',
    );
    expect(told.length).toBe(2);
  });

  test("a node that led thousands of Services and dies makes no storm of events", () => {
    const { told, events } = open();
    const services = Array.from({ length: 10_000 }, (_, index) => `shop/s${index}`);
    for (const service of services)
      events.announcerLost([service], { address: "192.0.2.1", from: "node2", tookMs: 600 });
    expect(told.length).toBe(100);
  });

  test("addressConflict names both MACs, once in ten minutes for each address and host", async () => {
    const { clock, told, events } = open();
    for (let second = 0; second < 1_260; second++) {
      events.addressConflict(["shop/web"], conflict);
      await clock.advance(1_000);
    }
    expect(told.length).toBe(3);
    expect(told[0]).toStartWith("Warning addressConflict Service shop/web: ");
    for (const word of [conflict.mac, conflict.ownMac, conflict.address, '"node1"', "eth0"])
      expect(told[0]).toContain(word);
    events.addressConflict(["shop/web"], { ...conflict, mac: "02:00:00:00:00:98" });
    expect(told.length).toBe(4);
  }, 20_000);

  test("a conflict found by the probe says what is waited for", () => {
    const { told, events } = open();
    events.addressConflict(["shop/web"], { ...conflict, phase: "probe" });
    expect(told[0]).toContain("is announced once that host gives it up");
  });
});
