import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Body, type Caller, type TestApi, testApi } from "../../testing.ts";
import { ServiceAllocator, type ServiceSpec } from "./mod.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

const path = "/api/v1/namespaces/default/services";
const create = (spec: object, name = "web") => call("POST", path, { metadata: { name }, spec });
const patch = (spec: object, name = "web") => call("PATCH", `${path}/${name}`, { spec }, "merge");
const specOf = ({ spec }: Body) => spec as ServiceSpec;
const ports = [{ port: 80 }];

describe("a Service's defaults", () => {
  test("of a ClusterIP Service", async () => {
    const { body } = await create({ ports });
    expect(body.spec).toEqual({
      type: "ClusterIP",
      clusterIP: "10.96.1.0",
      clusterIPs: ["10.96.1.0"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      sessionAffinity: "None",
      internalTrafficPolicy: "Cluster",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(body.status).toEqual({ loadBalancer: {} });
  });

  test("of a LoadBalancer Service", async () => {
    const { body } = await create({ type: "LoadBalancer", ports });
    expect(body.spec).toMatchObject({
      externalTrafficPolicy: "Cluster",
      allocateLoadBalancerNodePorts: true,
      ports: [{ port: 80, nodePort: 30_000 }],
    });
  });

  test("node ports are given to NodePort and LoadBalancer Services, one number to both protocols of a port", async () => {
    const dns = [
      { name: "udp", port: 53, protocol: "UDP" },
      { name: "tcp", port: 53, protocol: "TCP" },
    ];
    const nodePorts = specOf((await create({ type: "NodePort", ports: dns })).body).ports?.map(
      (each) => each.nodePort,
    );
    expect(nodePorts).toEqual([30_000, 30_000]);
    const without = await create({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports }, "b");
    expect(specOf(without.body).ports?.[0]).not.toHaveProperty("nodePort");
  });

  test("a headless Service keeps None, an ExternalName one gets no address", async () => {
    expect(specOf((await create({ clusterIP: "None" })).body)).toMatchObject({ clusterIPs: ["None"] });
    const external = specOf((await create({ type: "ExternalName", externalName: "example.com" }, "b")).body);
    expect(external.clusterIP).toBeUndefined();
    expect(external.ipFamilies).toBeUndefined();
  });

  test("externalTrafficPolicy Local brings a health check port", async () => {
    const { body } = await create({ type: "LoadBalancer", externalTrafficPolicy: "Local", ports });
    expect(specOf(body).healthCheckNodePort).toBe(30_001);
  });
});

describe("a Service is refused", () => {
  test.each([
    ["without ports", {}, "spec.ports: Required value"],
    [
      "a port out of range",
      { ports: [{ port: 70_000, targetPort: 1 }] },
      "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      "a bad protocol",
      { ports: [{ port: 1, protocol: "ICMP" }] },
      'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      "two ports without names",
      { ports: [{ port: 1 }, { port: 2, name: "b" }] },
      "spec.ports[0].name: Required value",
    ],
    [
      "one port twice",
      {
        ports: [
          { port: 1, name: "a" },
          { port: 1, name: "b" },
        ],
      },
      'spec.ports[1]: Duplicate value: {"port":1,"protocol":"TCP"}',
    ],
    [
      "a bad port name to target",
      { ports: [{ port: 1, targetPort: "Bad--Name" }] },
      'spec.ports[0].targetPort: Invalid value: "Bad--Name": must contain only alpha-numeric characters',
    ],
    [
      "an unknown type",
      { type: "Foo", ports },
      'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      "a node port of a ClusterIP Service",
      { ports: [{ port: 1, nodePort: 30_000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      "a node port out of range",
      { type: "NodePort", ports: [{ port: 1, nodePort: 80 }] },
      "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
    ],
    [
      "an address outside the range",
      { clusterIP: "1.2.3.4", ports },
      "The range of valid IPs is 10.96.0.0/12",
    ],
    [
      "an address that is taken",
      { clusterIP: "10.96.0.1", ports },
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ],
    [
      "no address at all",
      { clusterIP: "x", ports },
      "spec.clusterIPs[0]: Invalid value: \"x\": must be empty, 'None', or a valid IP address",
    ],
    [
      "a class without a load balancer",
      { loadBalancerClass: "a/b", ports },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      "a policy for traffic that never comes",
      { externalTrafficPolicy: "Local", ports },
      "may only be set for externally-accessible services",
    ],
    [
      "a bad source range",
      { type: "LoadBalancer", loadBalancerSourceRanges: ["x"], ports },
      'spec.loadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value',
    ],
    ["an external name without one", { type: "ExternalName" }, "spec.externalName: Required value"],
    [
      "dual stack in a cluster of one family",
      { ipFamilyPolicy: "RequireDualStack", ports },
      "this cluster is not configured for dual-stack services",
    ],
    [
      "a family that the cluster has not",
      { ipFamilies: ["IPv6"], ports },
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
  ])("for %s", async (_, spec, message) => {
    const { status, body } = await create(spec);
    expect(status).toBe(422);
    expect(body.message).toContain(message);
    const after = await create({ ports }, "after");
    expect(specOf(after.body).clusterIP).toBe("10.96.1.0");
  });
});

describe("a change of a Service", () => {
  test("to ClusterIP clears node ports, policy, class and load balancer status", async () => {
    await create({ type: "LoadBalancer", loadBalancerClass: "a/b", ports });
    const ingress = [{ ip: "192.168.1.240" }];
    await call("PATCH", `${path}/web/status`, { status: { loadBalancer: { ingress } } }, "merge");
    const { body } = await patch({ type: "ClusterIP" });
    expect(body.spec).toEqual({
      type: "ClusterIP",
      clusterIP: "10.96.1.0",
      clusterIPs: ["10.96.1.0"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      sessionAffinity: "None",
      internalTrafficPolicy: "Cluster",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(body.status).toEqual({ loadBalancer: {} });
    const again = await create({ type: "NodePort", ports: [{ port: 1, nodePort: 30_000 }] }, "b");
    expect(again.status).toBe(201);
  });

  test("by PUT of a manifest keeps what was allocated", async () => {
    await create({ type: "LoadBalancer", ports });
    const manifest = {
      metadata: { name: "web" },
      spec: { type: "LoadBalancer", ports: [{ port: 80, targetPort: 8080 }] },
    };
    const { body } = await call("PUT", `${path}/web`, manifest);
    expect(body.spec).toMatchObject({
      clusterIP: "10.96.1.0",
      ports: [{ nodePort: 30_000, targetPort: 8080 }],
    });
  });

  test("of its address or class is refused", async () => {
    await create({ type: "LoadBalancer", loadBalancerClass: "a/b", ports });
    expect((await patch({ clusterIP: "10.96.9.9" })).body.message).toContain(
      'spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set',
    );
    expect((await patch({ loadBalancerClass: "c/d" })).body.message).toContain(
      'spec.loadBalancerClass: Invalid value: "c/d": may not change once set',
    );
    expect((await patch({ clusterIP: "None" })).body.message).toContain("may not change once set");
  });

  test("of a load balancer's address is refused where the type has none", async () => {
    await create({ ports });
    const status = { loadBalancer: { ingress: [{ ip: "192.168.1.240" }] } };
    const { body } = await call("PATCH", `${path}/web/status`, { status }, "merge");
    expect(body.message).toContain("may only be used when `spec.type` is 'LoadBalancer'");
  });

  test("by deletion frees address and node ports", async () => {
    await create({ type: "NodePort", clusterIP: "10.96.0.50", ports: [{ port: 80, nodePort: 31_000 }] });
    await call("DELETE", `${path}/web`);
    const again = await create({
      type: "NodePort",
      clusterIP: "10.96.0.50",
      ports: [{ port: 80, nodePort: 31_000 }],
    });
    expect(again.status).toBe(201);
  });
});

describe("ServiceAllocator", () => {
  test("gives two families to dual-stack clusters", async () => {
    const allocator = new ServiceAllocator("10.0.0.0/24,fd00::/112");
    expect(allocator.families).toEqual(["ipv4", "ipv6"]);
    expect([allocator.pickAddress("ipv4"), allocator.pickAddress("ipv6")]).toEqual([
      "10.0.0.16",
      "fd00::100",
    ]);
  });

  test("uses every address of a range but the first and the broadcast one, then none", () => {
    const allocator = new ServiceAllocator("10.0.0.0/29");
    const given: string[] = [];
    for (let address = allocator.pickAddress("ipv4"); address; address = allocator.pickAddress("ipv4")) {
      given.push(address);
      allocator.take({ addresses: [address], nodePorts: [] });
    }
    expect(given.sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`));
    allocator.release({ addresses: ["10.0.0.3"], nodePorts: [] });
    expect(allocator.pickAddress("ipv4")).toBe("10.0.0.3");
  });

  test("refuses a range that is none", () => {
    expect(() => new ServiceAllocator("10.0.0.0")).toThrow('serviceCidr: "10.0.0.0" is not a prefix');
  });
});
