import { describe, expect, test } from "bun:test";
import { labelOfNode } from "../l2_status_labels.ts";
import type { KubeObject } from "../types.ts";
import {
  announcedServiceView,
  announcedSliceView,
  configObject,
  endpointSliceView,
  nodeView,
  podView,
  secretFacts,
  serviceL2StatusView,
  serviceView,
} from "./mod.ts";

const metadata = {
  name: "web",
  namespace: "shop",
  uid: "u1",
  resourceVersion: "7",
  creationTimestamp: "2026-01-01T00:00:00Z",
};

describe("serviceView()", () => {
  test("keeps what is used and drops the rest", () => {
    const object: KubeObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...metadata, annotations: { "metallb.io/address-pool": "first-pool" } },
      spec: {
        type: "LoadBalancer",
        clusterIP: "10.0.0.1",
        clusterIPs: ["10.0.0.1", "fd00::1"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "RequireDualStack",
        externalTrafficPolicy: "Local",
        loadBalancerClass: "metallb.io/metallb",
        selector: { app: "web" },
        sessionAffinity: "None",
        futureField: { a: 1 },
        ports: [
          { name: "http", protocol: "TCP", port: 80, targetPort: "http", nodePort: 30080 },
          { port: 53 },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }, { hostname: "a.example" }] } },
    };
    expect(serviceView(object)).toEqual({
      namespace: "shop",
      name: "web",
      uid: "u1",
      resourceVersion: "7",
      creationTimestampMs: Date.UTC(2026, 0, 1),
      labels: {},
      annotations: { "metallb.io/address-pool": "first-pool" },
      type: "LoadBalancer",
      loadBalancerClass: "metallb.io/metallb",
      clusterIPs: ["10.0.0.1", "fd00::1"],
      ipFamilies: ["IPv4", "IPv6"],
      ipFamilyPolicy: "RequireDualStack",
      externalTrafficPolicy: "Local",
      selector: { app: "web" },
      ports: [
        { name: "http", protocol: "TCP", port: 80, nodePort: 30080 },
        { name: "", protocol: "TCP", port: 53 },
      ],
      ingress: ["192.0.2.1"],
    });
  });

  test("an ExternalName Service without cluster address, ports or status is understood", () => {
    const view = serviceView({ metadata, spec: { type: "ExternalName", externalName: "a.example" } });
    expect(view).toMatchObject({ type: "ExternalName", clusterIPs: [], ports: [], ingress: [] });
  });

  test.each([
    ["no spec", {}, "spec"],
    ["a port in words", { spec: { ports: [{ port: "80" }] } }, "spec.ports.0.port"],
    ["a policy of the future", { spec: { externalTrafficPolicy: "Nearest" } }, "spec.externalTrafficPolicy"],
    ["labels of numbers", { spec: { selector: { app: 7 } } }, "spec.selector.app"],
  ])("refuses %s and says where", (_name, parts, path) => {
    const object = { kind: "Service", metadata, ...parts } as KubeObject;
    expect(() => serviceView(object)).toThrow(`Cannot read Service "shop/web": ${path}: `);
  });
});

test("endpointSliceView(): ready is true when it is not said, and serving counts while terminating", () => {
  const slice = endpointSliceView({
    metadata: { ...metadata, name: "web-x", labels: { "kubernetes.io/service-name": "web" } },
    endpoints: [
      { addresses: ["10.1.0.1"], nodeName: "node1" },
      { addresses: ["10.1.0.2"], nodeName: "node2", conditions: { ready: false, serving: true } },
      { addresses: ["10.1.0.3"], conditions: { ready: false, serving: false, terminating: true } },
      { addresses: ["10.1.0.4"], conditions: { ready: null } },
    ],
  } as KubeObject);
  expect(slice.service).toBe("shop/web");
  expect(slice.endpoints.map((endpoint) => endpoint.canServe)).toEqual([true, true, false, true]);
  expect(endpointSliceView({ metadata, endpoints: null })).toEqual({
    namespace: "shop",
    name: "web",
    endpoints: [],
  });
});

test("nodeView() reads labels, internal addresses and NetworkUnavailable", () => {
  const status = {
    addresses: [
      { type: "InternalIP", address: "192.168.1.11" },
      { type: "Hostname", address: "node1" },
    ],
    conditions: [
      { type: "Ready", status: "True" },
      { type: "NetworkUnavailable", status: "True" },
    ],
  };
  expect(nodeView({ metadata: { name: "node1", labels: { zone: "a" } }, status })).toEqual({
    name: "node1",
    labels: { zone: "a" },
    networkUnavailable: true,
    internalIPs: ["192.168.1.11"],
  });
  expect(nodeView({ metadata: { name: "node2" } }).networkUnavailable).toBe(false);
  const annotations = { "metallb.io/drain": "true", "flannel.alpha.coreos.com/public-ip": "192.168.1.11" };
  expect(nodeView({ metadata: { name: "node5", annotations } }).annotations).toEqual({
    "metallb.io/drain": "true",
  });
  const withPods = nodeView({
    metadata: { name: "node3" },
    spec: { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24", "2001:db8:f::/64"] },
  });
  expect(withPods.podCIDRs).toEqual(["10.244.0.0/24", "2001:db8:f::/64"]);
  expect(nodeView({ metadata: { name: "node4" }, spec: { podCIDR: "10.244.1.0/24" } }).podCIDRs).toEqual([
    "10.244.1.0/24",
  ]);
});

test("podView() reads where it runs and whether it is ready", () => {
  const pod = { metadata, spec: { nodeName: "node1" }, status: { podIP: "192.168.1.11", conditions: null } };
  expect(podView(pod)).toEqual({
    namespace: "shop",
    name: "web",
    uid: "u1",
    nodeName: "node1",
    podIP: "192.168.1.11",
    ready: false,
  });
});

test("configObject() keeps spec and status as they are", () => {
  const pool = {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { ...metadata, generation: 3 },
    spec: { addresses: ["not an address"], later: 1 },
    status: { assignedIPv4: 2 },
  };
  expect(configObject(pool)).toMatchObject({
    kind: "IPAddressPool",
    metadata: { name: "web", uid: "u1", generation: 3 },
    spec: pool.spec,
    status: pool.status,
  });
});

describe("secretFacts()", () => {
  const data = { username: "bWU=", password: "aGlkZGVu" };

  test("keeps the password of a basic-auth Secret, and of all others only the type", () => {
    expect(secretFacts({ metadata, type: "kubernetes.io/basic-auth", data })).toEqual({
      name: "web",
      type: "kubernetes.io/basic-auth",
      password: "hidden",
    });
    expect(secretFacts({ metadata, type: "Opaque", data })).toEqual({ name: "web", type: "Opaque" });
    expect(secretFacts({ metadata })).toEqual({ name: "web", type: "Opaque" });
  });
});

describe("serviceL2StatusView()", () => {
  const labels = {
    "metallb.io/node": "node1",
    "metallb.io/service-name": "web",
    "metallb.io/service-namespace": "shop",
  };
  const object = (status: object | undefined, more: object = {}): KubeObject => ({
    kind: "ServiceL2Status",
    metadata: { ...metadata, name: "l2-x7bqd", labels, ...more },
    ...(status && { status }),
  });
  const filled = { node: "node1", serviceName: "web", serviceNamespace: "shop" };

  test("reads what MetalLB wrote, interfaces in order", () => {
    const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "speaker-abc", uid: "pod1" }];
    const written = { ...filled, interfaces: [{ name: "eth1" }, { name: "eth0" }] };
    expect(serviceL2StatusView(object(written, { ownerReferences }))).toEqual({
      name: "l2-x7bqd",
      service: "shop/web",
      owner: "node1",
      node: "node1",
      isFilled: true,
      isStuck: false,
      interfaces: ["eth0", "eth1"],
      createdAt: Date.UTC(2026, 0, 1),
      ownerUid: "pod1",
    });
  });

  test("before its status is filled, its labels say whose it is", () => {
    expect(serviceL2StatusView(object(undefined))).toMatchObject({ node: "node1", isFilled: false });
  });

  test.each([{ node: "node2" }, { serviceName: "other" }, { serviceNamespace: "other" }])(
    "one whose status is of %o is stuck",
    (other) => {
      expect(serviceL2StatusView(object({ ...filled, ...other })).isStuck).toBe(true);
    },
  );

  test("a node's name that is longer than a label may be is not stuck", () => {
    const node = `${"a".repeat(70)}.example`;
    const label = labelOfNode(node);
    expect(label.length).toBeLessThanOrEqual(63);
    const view = serviceL2StatusView(
      object({ ...filled, node }, { labels: { ...labels, "metallb.io/node": label } }),
    );
    expect(view).toMatchObject({ node, owner: label, isStuck: false });
  });

  test("without a label it is refused by name", () => {
    expect(() => serviceL2StatusView(object(filled, { labels: {} }))).toThrow(
      'ServiceL2Status "l2-x7bqd" must carry the labels metallb.io/node, metallb.io/service-name, metallb.io/service-namespace',
    );
  });
});

describe("what a speaker keeps", () => {
  const service = (type: string): KubeObject => ({
    kind: "Service",
    metadata: {
      ...metadata,
      labels: { app: "web" },
      annotations: {
        "metallb.io/allow-shared-ip": "k",
        "kubectl.kubernetes.io/last-applied-configuration": "…",
      },
    },
    spec: {
      type,
      clusterIP: "10.0.0.1",
      selector: { app: "web" },
      ports: [{ port: 80 }],
      externalTrafficPolicy: "Local",
    },
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
  });

  test("of a Service of type LoadBalancer: what decides who announces it", () => {
    expect(announcedServiceView(service("LoadBalancer"))).toMatchObject({
      namespace: "shop",
      name: "web",
      uid: "u1",
      type: "LoadBalancer",
      labels: { app: "web" },
      annotations: { "metallb.io/allow-shared-ip": "k" },
      externalTrafficPolicy: "Local",
      ingress: ["192.0.2.1"],
      ports: [],
      selector: {},
    });
    expect(Object.keys(announcedServiceView(service("LoadBalancer")).annotations)).toHaveLength(1);
  });

  test("of any other Service only who it is", () => {
    expect(announcedServiceView(service("ClusterIP"))).toMatchObject({
      name: "web",
      labels: {},
      ingress: [],
    });
  });

  test("of endpoints one for each node that can serve", () => {
    const endpoint = (nodeName: string | undefined, ready: boolean, addresses = ["10.1.0.1"]) => ({
      addresses,
      ...(nodeName && { nodeName }),
      conditions: { ready },
    });
    const view = announcedSliceView({
      metadata: { ...metadata, name: "web-x", labels: { "kubernetes.io/service-name": "web" } },
      endpoints: [
        endpoint("node1", true),
        endpoint("node1", true, ["10.1.0.2"]),
        endpoint("node2", false),
        endpoint("node3", true, []),
        endpoint(undefined, true),
      ],
    });
    expect(view.service).toBe("shop/web");
    expect(view.endpoints.map(({ nodeName, canServe }) => [nodeName, canServe])).toEqual([
      ["node1", true],
      [undefined, true],
    ]);
    expect(view.endpoints.every(({ addresses }) => addresses.length > 0)).toBe(true);
  });
});
