import { describe, expect, test } from "bun:test";
import { parseConfig, type Resource } from "#core/config/mod.ts";
import { serviceOf } from "../testing.ts";
import { takeover } from "./takeover.ts";

const resource = (kind: string, name: string, spec: unknown): Resource => ({
  kind,
  metadata: { name },
  spec,
});

function configOf(...pools: Resource[]) {
  const { config } = parseConfig({
    pools,
    l2Advertisements: [],
    bgpAdvertisements: [],
    peers: [],
    bfdProfiles: [],
    communities: [],
  });
  return config;
}

const first = resource("IPAddressPool", "first", { addresses: ["192.168.1.240-192.168.1.250"] });
const inPool = { "metallb.io/ip-allocated-from-pool": "first" };
const holder = (name: string, ip: string, more = {}) =>
  serviceOf({ name, uid: name, ingress: [ip], annotations: inPool, ...more });

function changesOf(services: ReturnType<typeof serviceOf>[], pools = [first], loadBalancerClass = "") {
  const { changes } = takeover({
    services,
    namespaces: [],
    config: configOf(...pools),
    heldPools: new Set(),
    loadBalancerClass,
  });
  return changes.map(({ service, kind, wants }) => ({ service, kind, wants }));
}

describe("takeover()", () => {
  test("has nothing to change where MetalLB has given any free address of the pool", () => {
    const services = [
      holder("a", "192.168.1.250"),
      holder("b", "192.168.1.241"),
      // MetalLB before 0.14 and the sharing of an address.
      holder("c", "192.168.1.245", {
        annotations: { ...inPool, "metallb.universe.tf/allow-shared-ip": "k" },
      }),
      holder("d", "192.168.1.245", {
        annotations: { ...inPool, "metallb.io/allow-shared-ip": "k" },
        ports: [{ name: "", protocol: "TCP", port: 443 }],
      }),
    ];
    expect(changesOf(services)).toEqual([]);
  });

  test("a Service that waits gains an address that nobody has, whatever the order of the list", () => {
    const waiting = serviceOf({ name: "new", uid: "new" });
    const expected = [
      {
        service: "default/new",
        kind: "gains" as const,
        wants: { addresses: ["192.168.1.241"], pool: "first" },
      },
    ];
    expect(changesOf([waiting, holder("a", "192.168.1.240")])).toEqual(expected);
    expect(changesOf([holder("a", "192.168.1.240"), waiting])).toEqual(expected);
  });

  test("an address that is in no pool moves, and is lost where there is no other", () => {
    expect(changesOf([holder("a", "10.9.9.9")])).toEqual([
      { service: "default/a", kind: "moves", wants: { addresses: ["192.168.1.240"], pool: "first" } },
    ]);
    const six = resource("IPAddressPool", "six", { addresses: ["2001:db8::/120"] });
    expect(changesOf([holder("a", "10.9.9.9")], [six])).toEqual([
      { service: "default/a", kind: "loses", wants: { addresses: [] } },
    ]);
  });

  test("touches nobody while there is no pool at all, as at an installation before its configuration", () => {
    expect(changesOf([holder("a", "10.9.9.9")], [])).toEqual([]);
  });

  test("a pool that was renamed is recorded, and the address stays", () => {
    const renamed = resource("IPAddressPool", "second", { addresses: ["192.168.1.240-192.168.1.250"] });
    expect(changesOf([holder("a", "192.168.1.242")], [renamed])).toEqual([
      {
        service: "default/a",
        kind: "records",
        wants: { addresses: ["192.168.1.242"], pool: "second" },
      },
    ]);
  });

  test("does not look at Services of another class, and counts those it looks at", () => {
    const other = serviceOf({ name: "x", uid: "x", loadBalancerClass: "kube-vip.io/kube-vip-class" });
    expect(changesOf([other])).toEqual([]);
    expect(changesOf([other], [first], "kube-vip.io/kube-vip-class")).toHaveLength(1);
    const facts = {
      namespaces: [],
      config: configOf(first),
      heldPools: new Set<string>(),
      loadBalancerClass: "",
    };
    const services = [
      other,
      holder("a", "192.168.1.240"),
      serviceOf({ name: "y", uid: "y", type: "ClusterIP" }),
    ];
    expect(takeover({ ...facts, services }).services).toBe(1);
  });

  test("says why: the trace names what speaks against the address", () => {
    const { changes } = takeover({
      services: [holder("a", "10.9.9.9")],
      namespaces: [],
      config: configOf(first),
      heldPools: new Set(),
      loadBalancerClass: "",
    });
    expect(changes[0]?.trace).toContainEqual(
      expect.objectContaining({ stage: "address", subject: "10.9.9.9", verdict: "blocked" }),
    );
  });
});
