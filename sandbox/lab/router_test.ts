import { expect, test } from "bun:test";
import { planLab, stationNamed } from "./plan.ts";
import { birdConfig } from "./router.ts";

const files = { config: "/s/bird.conf", control: "/s/bird.ctl", pid: "/s/bird.pid", log: "/s/bird.log" };

test("birdConfig() listens on the router's address for any speaker of the LAN", () => {
  const plan = planLab({
    stateDirectory: "/s",
    nodes: 2,
    nodePrefix: "node",
    lan: "10.0.0.0/16",
    podCidr: "10.244.0.0/16",
    hasRouter: true,
  });
  const text = birdConfig(plan, stationNamed(plan, "router"), files);
  expect(text).toContain("router id 10.0.0.1;");
  expect(text).toContain("local 10.0.0.1 as 64501;");
  expect(text).toContain("neighbor range 10.0.0.0/16 external;");
  expect(text).toContain('log "/s/bird.log" 1048576 "/s/bird.log.1" all;');
});
