import { expect, test } from "bun:test";
import { AnnouncerIndex } from "./announcers.ts";
import { speakerState } from "./testing.ts";

const announcement = (address: string, since = 1) => ({
  address,
  services: ["default/web"],
  protocol: "layer2" as const,
  interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01" }],
  since,
  requests: 0,
  responses: 0,
  gratuitous: 0,
});
const route = (prefix: string, ...services: string[]) => ({ prefix, services, peers: ["tor"], since: 1 });

test("AnnouncerIndex joins all speakers and tells what a new state touches", () => {
  const index = new AnnouncerIndex();
  const first = index.set("a", speakerState({ announcements: [announcement("192.0.2.1")] }));
  expect([...first.addresses]).toEqual(["192.0.2.1"]);
  index.set("b", speakerState({ announcements: [announcement("192.0.2.1"), announcement("192.0.2.2")] }));
  expect([...index.layer2Of("192.0.2.1").keys()]).toEqual(["a", "b"]);

  const same = index.set("a", speakerState({ announcements: [announcement("192.0.2.1")] }));
  expect(same.addresses.size).toBe(0);

  const gone = index.set("b", undefined);
  expect([...gone.addresses]).toEqual(["192.0.2.1", "192.0.2.2"]);
  expect([...index.layer2Addresses()]).toEqual(["192.0.2.1"]);
});

test("AnnouncerIndex counts a Service behind two prefixes of one node once, until both are gone", () => {
  const index = new AnnouncerIndex();
  const routes = [route("192.0.2.1/32", "default/web"), route("192.0.2.0/24", "default/web", "default/dns")];
  expect([...index.set("a", speakerState({ routes })).services]).toEqual(["default/web", "default/dns"]);
  const less = index.set("a", speakerState({ routes: routes.slice(0, 1) }));
  expect([...less.services]).toEqual(["default/dns"]);
  expect([...index.bgpOf("default/web")]).toEqual(["a"]);
  expect(index.set("a", undefined).services).toEqual(new Set(["default/web"]));
  expect(index.bgpOf("default/web").size).toBe(0);
});

test("AnnouncerIndex: who still probes, or hands over, is not among those that answer", () => {
  const index = new AnnouncerIndex();
  const [address, probing] = [
    "192.0.2.1",
    { ...announcement("192.0.2.1"), interfaces: [], phase: "probing" as const },
  ];
  index.set("a", speakerState({ announcements: [probing] }));
  expect(index.answeringFor(address)).toEqual([]);
  const announced = index.set("a", speakerState({ announcements: [announcement(address)] }));
  expect([...announced.addresses]).toEqual([address]);
  index.set("b", speakerState({ announcements: [announcement(address)] }));
  expect(index.answeringFor(address)).toEqual(["a", "b"]);
  index.set("a", speakerState({ announcements: [{ ...announcement(address), yieldingTo: "b" }] }));
  expect(index.answeringFor(address)).toEqual(["b"]);
});

test("AnnouncerIndex: a conflict touches its address when it appears and when it is over", () => {
  const index = new AnnouncerIndex();
  const conflict = {
    address: "192.0.2.1",
    mac: "02:00:00:00:00:99",
    ownMac: "02:00:00:00:00:01",
    interface: "eth0",
    phase: "owned" as const,
    since: 1,
    lastAt: 2,
  };
  expect([...index.set("a", speakerState({ conflicts: [conflict] })).addresses]).toEqual(["192.0.2.1"]);
  expect(index.conflicts()).toEqual([{ ...conflict, node: "a" }]);
  expect(index.set("a", speakerState({ conflicts: [{ ...conflict, lastAt: 3 }] })).addresses.size).toBe(0);
  expect([...index.set("a", speakerState()).addresses]).toEqual(["192.0.2.1"]);
  expect(index.conflicts()).toEqual([]);
});
