import { describe, expect, test } from "bun:test";
import { parseConfig } from "#core/config/mod.ts";
import type { Decision } from "#core/service/mod.ts";
import { Findings } from "./findings.ts";
import { configOf, serviceOf } from "./testing.ts";

const { config } = parseConfig({
  pools: [configOf("IPAddressPool", "lan", { addresses: ["192.0.2.0/24"] })],
  bgpAdvertisements: [configOf("BGPAdvertisement", "bgp", { aggregationLength: 24 })],
  l2Advertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
});

describe("Findings", () => {
  test("joins configuration, nodes, Services and what they hold; anew only after a touch", () => {
    const nodes = [{ name: "node1", labels: {}, networkUnavailable: false, internalIPs: ["198.51.100.1"] }];
    const services = [serviceOf({ externalTrafficPolicy: "Local", selector: { app: "web" } })];
    const decision = { addresses: ["192.0.2.1"], pool: "lan" } as unknown as Decision;
    const gateways: string[] = [];
    const findings = new Findings({
      config: () => config,
      nodes: { values: () => nodes.values() },
      services: { values: () => services.values() },
      book: { decision: (service) => (service === "default/web" ? decision : undefined) },
      speakers: { gateways: () => gateways },
    });
    const codes = () => findings.list().map(({ why }) => why.code);
    expect(codes()).toEqual(["lint.aggregate-local"]);
    nodes.push({ name: "node2", labels: {}, networkUnavailable: false, internalIPs: ["192.0.2.9"] });
    expect(codes()).toEqual(["lint.aggregate-local"]);
    findings.touch();
    expect(codes()).toEqual(["lint.node-address", "lint.aggregate-local"]);
    gateways.push("192.0.2.254");
    findings.touch();
    expect(codes()).toEqual(["lint.node-address", "lint.gateway", "lint.aggregate-local"]);
  });
});
