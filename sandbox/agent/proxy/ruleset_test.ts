import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ElementTable } from "./element_table.ts";
import { type Element, serviceElements } from "./elements.ts";
import { renderChange, renderRuleset } from "./ruleset.ts";
import type { ProxyEndpoint, ProxyNode, ProxyService, ProxySlice } from "./views.ts";

const node: ProxyNode = { name: "node1", address: "192.168.1.11", podCidr: "10.244.1.0/24" };

function service(change: Partial<ProxyService> = {}): ProxyService {
  return {
    key: "default/web",
    clusterIPs: ["10.96.0.10"],
    ingress: ["192.168.1.240"],
    externalIPs: [],
    ports: [{ name: "http", transport: "tcp", port: 80, nodePort: 30080 }],
    isExternalLocal: false,
    isInternalLocal: false,
    isSticky: false,
    sourceRanges: [],
    ...change,
  };
}

function endpoint(address: string, nodeName: string, change: Partial<ProxyEndpoint> = {}): ProxyEndpoint {
  return { address, nodeName, isReady: true, isServingTerminating: false, ...change };
}

function slice(endpoints: ProxyEndpoint[], change: Partial<ProxySlice> = {}): ProxySlice {
  const ports = [{ name: "http", transport: "tcp", port: 8080 } as const];
  return { key: "default/web-a", service: "default/web", ports, endpoints, ...change };
}

const both = [endpoint("10.244.1.2", "node1"), endpoint("10.244.2.2", "node2")];

/** `set key` to value, for reading in a test. */
function told(elements: Iterable<Element>): Record<string, string> {
  return Object.fromEntries([...elements].map(({ set, key, value }) => [`${set} ${key}`, value]));
}

describe("serviceElements()", () => {
  test("Cluster: any ready endpoint, masqueraded from outside, direct from the node itself", () => {
    expect(told(serviceElements(service(), [slice(both)], node))).toEqual({
      "outside 10.96.0.10 . tcp . 80": "goto masqueraded_2",
      "endpoints 10.96.0.10 . tcp . 80 . 16384": "10.244.1.2 . 8080",
      "endpoints 10.96.0.10 . tcp . 80 . 16385": "10.244.2.2 . 8080",
      "inside 10.96.0.10 . tcp . 80": "goto own_2",
      "endpoints 10.96.0.10 . tcp . 80 . 49152": "10.244.1.2 . 8080",
      "endpoints 10.96.0.10 . tcp . 80 . 49153": "10.244.2.2 . 8080",
      "outside 192.168.1.240 . tcp . 80": "goto masqueraded_2",
      "endpoints 192.168.1.240 . tcp . 80 . 16384": "10.244.1.2 . 8080",
      "endpoints 192.168.1.240 . tcp . 80 . 16385": "10.244.2.2 . 8080",
      "inside 192.168.1.240 . tcp . 80": "goto own_2",
      "endpoints 192.168.1.240 . tcp . 80 . 49152": "10.244.1.2 . 8080",
      "endpoints 192.168.1.240 . tcp . 80 . 49153": "10.244.2.2 . 8080",
      "outside 192.168.1.11 . tcp . 30080": "goto masqueraded_2",
      "endpoints 192.168.1.11 . tcp . 30080 . 16384": "10.244.1.2 . 8080",
      "endpoints 192.168.1.11 . tcp . 30080 . 16385": "10.244.2.2 . 8080",
      "inside 192.168.1.11 . tcp . 30080": "goto own_2",
      "endpoints 192.168.1.11 . tcp . 30080 . 49152": "10.244.1.2 . 8080",
      "endpoints 192.168.1.11 . tcp . 30080 . 49153": "10.244.2.2 . 8080",
      "unserved 10.96.0.10": "",
      "unserved 192.168.1.240": "",
    });
  });

  const vip = "192.168.1.240 . tcp . 80";
  const local = { isExternalLocal: true };
  test.each<[string, Partial<ProxyService>, ProxyEndpoint[], Record<string, string | undefined>]>([
    [
      "Local: only this node's endpoints, the client's address kept; any from the node itself",
      local,
      both,
      {
        [`outside ${vip}`]: "goto kept_1",
        [`endpoints ${vip} . 32768`]: "10.244.1.2 . 8080",
        [`endpoints ${vip} . 32769`]: undefined,
        [`inside ${vip}`]: "goto own_2",
        "outside 192.168.1.11 . tcp . 30080": "goto kept_1",
        "outside 10.96.0.10 . tcp . 80": "goto masqueraded_2",
      },
    ],
    [
      "Local without an endpoint here: dropped, so that the client finds a node that has one",
      local,
      [endpoint("10.244.2.2", "node2")],
      { [`outside ${vip}`]: "drop", [`inside ${vip}`]: "goto own_1" },
    ],
    [
      "no endpoint at all: refused",
      {},
      [],
      { [`outside ${vip}`]: "goto refuse", [`inside ${vip}`]: "goto refuse" },
    ],
    ["Local and no endpoint at all: refused", local, [], { [`outside ${vip}`]: "goto refuse" }],
    [
      "an endpoint that is not ready gets nothing",
      {},
      [endpoint("10.244.1.2", "node1", { isReady: false }), endpoint("10.244.2.2", "node2")],
      { [`outside ${vip}`]: "goto masqueraded_1", [`endpoints ${vip} . 16384`]: "10.244.2.2 . 8080" },
    ],
    [
      "endpoints that still serve while they end, where nothing is ready (KEP-1669)",
      {},
      [endpoint("10.244.1.2", "node1", { isReady: false, isServingTerminating: true })],
      { [`outside ${vip}`]: "goto masqueraded_1" },
    ],
    [
      "but none of those where something is ready",
      {},
      [endpoint("10.244.1.2", "node1", { isReady: false, isServingTerminating: true }), ...both.slice(1)],
      { [`outside ${vip}`]: "goto masqueraded_1", [`endpoints ${vip} . 16384`]: "10.244.2.2 . 8080" },
    ],
    [
      "sessionAffinity ClientIP",
      { isSticky: true },
      both,
      { [`outside ${vip}`]: "goto masqueraded_2_sticky" },
    ],
    [
      "internalTrafficPolicy Local",
      { isInternalLocal: true },
      both,
      { "inside 10.96.0.10 . tcp . 80": "goto own_1", [`inside ${vip}`]: "goto own_2" },
    ],
    [
      "an external IP is served, but what else comes to it is not ours to refuse",
      { externalIPs: ["192.168.1.99"] },
      both,
      { "outside 192.168.1.99 . tcp . 80": "goto masqueraded_2", "unserved 192.168.1.99": undefined },
    ],
    [
      "a port that no slice has",
      { ports: [{ name: "dns", transport: "udp", port: 53, nodePort: 0 }] },
      both,
      {
        "outside 192.168.1.240 . udp . 53": "goto refuse",
      },
    ],
  ])("%s", (_claim, change, endpoints, expected) => {
    const elements = told(serviceElements(service(change), [slice(endpoints)], node));
    for (const [key, value] of Object.entries(expected)) expect([key, elements[key]]).toEqual([key, value]);
  });

  test("loadBalancerSourceRanges guard the ingress addresses only, without overlapping intervals", () => {
    const sourceRanges = ["10.0.0.0/8", "10.1.0.0/16", "192.168.1.100/32", "10.0.0.0/8"];
    const elements = told(serviceElements(service({ sourceRanges }), [slice(both)], node));
    expect(Object.keys(elements).filter((key) => /^(guarded|admitted)/.test(key))).toEqual([
      `guarded ${vip}`,
      `admitted ${vip} . 10.0.0.0/8`,
      `admitted ${vip} . 192.168.1.100/32`,
    ]);
  });

  test("the same endpoint in two slices counts once", () => {
    const slices = [slice(both), slice(both, { key: "default/web-b" })];
    expect(told(serviceElements(service(), slices, node))[`outside ${vip}`]).toBe("goto masqueraded_2");
  });
});

describe("ElementTable", () => {
  const element = (key: string, value: string): Element => ({ set: "outside", key, value });

  test("a key that two Services claim is the first one's by name, then the other's", () => {
    const table = new ElementTable();
    table.replace("b", [element("k", "of b")]);
    expect(table.takeChange()).toEqual({ remove: [], add: [element("k", "of b")] });
    table.replace("a", [element("k", "of a")]);
    expect(table.takeChange()).toEqual({ remove: [element("k", "of b")], add: [element("k", "of a")] });
    table.replace("b", []);
    expect(table.takeChange()).toEqual({ remove: [], add: [] });
    table.replace("b", [element("k", "of b")]);
    table.replace("a", []);
    expect(table.takeChange()).toEqual({ remove: [element("k", "of a")], add: [element("k", "of b")] });
    expect([...table.elements()]).toEqual([element("k", "of b")]);
  });

  test("the changes, carried out one after the other, always give the whole", () => {
    const owner = fc.constantFrom("a", "b", "c");
    const claims = fc.uniqueArray(
      fc.tuple(fc.constantFrom("k1", "k2", "k3", "k4"), fc.constantFrom("x", "y")),
      {
        selector: ([key]) => key,
      },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(owner, claims, fc.boolean())), (history) => {
        const table = new ElementTable();
        const held = new Map<string, string>();
        for (const [name, pairs, isTaken] of history) {
          table.replace(
            name,
            pairs.map(([key, value]) => element(key, value)),
          );
          if (!isTaken) continue;
          const { remove, add } = table.takeChange();
          for (const { key, value } of remove) {
            expect(held.get(key)).toBe(value);
            held.delete(key);
          }
          for (const { key, value } of add) {
            expect(held.has(key)).toBe(false);
            held.set(key, value);
          }
          expect([...held].sort()).toEqual(
            [...table.elements()].map(({ key, value }) => [key, value]).sort() as never,
          );
        }
      }),
    );
  });
});

describe("renderRuleset()", () => {
  test("puts the table in the place of the old one in one transaction", () => {
    const text = renderRuleset([service()], [slice(both)], node);
    expect(text.split("\n").slice(0, 3)).toEqual([
      "add table ip metallb_sandbox_proxy",
      "delete table ip metallb_sandbox_proxy",
      "table ip metallb_sandbox_proxy {",
    ]);
    expect(text).toContain("meta mark & 0xc000 == 0x4000 snat to 192.168.1.11\n");
    expect(text).toContain(
      "add rule ip metallb_sandbox_proxy own_2 meta mark set numgen random mod 2 offset 49152\n",
    );
  });

  test("a modulus of one is not written: some kernels refuse it", () => {
    const text = renderRuleset([service()], [slice(both.slice(1))], node);
    expect(text).toContain("add rule ip metallb_sandbox_proxy masqueraded_1 meta mark set 16384\n");
    expect(text).not.toContain("mod 1");
  });
});

test("renderChange() names chains before verdicts that go there, and deletes before it adds", () => {
  const table = new ElementTable();
  table.replace(
    "web",
    serviceElements(service({ clusterIPs: [], ports: httpOnly }), [slice(both.slice(1))], node),
  );
  table.takeChange();
  table.replace("web", serviceElements(service({ clusterIPs: [], ports: httpOnly }), [], node));
  expect(renderChange(table.takeChange())).toBe(
    `delete element ip metallb_sandbox_proxy outside {
  192.168.1.240 . tcp . 80
}
delete element ip metallb_sandbox_proxy endpoints {
  192.168.1.240 . tcp . 80 . 16384,
  192.168.1.240 . tcp . 80 . 49152
}
delete element ip metallb_sandbox_proxy inside {
  192.168.1.240 . tcp . 80
}
add element ip metallb_sandbox_proxy outside {
  192.168.1.240 . tcp . 80 : goto refuse
}
add element ip metallb_sandbox_proxy inside {
  192.168.1.240 . tcp . 80 : goto refuse
}
`,
  );
});

const httpOnly = [{ name: "http", transport: "tcp", port: 80, nodePort: 0 } as const];
