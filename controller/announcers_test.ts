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
