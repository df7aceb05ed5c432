import { expect, test } from "bun:test";
import { proxyNode, proxyService, proxySlice } from "./views.ts";

const metadata = { name: "web", namespace: "default" };

test("proxyService() takes IPv4 addresses, TCP and UDP, and the policies", () => {
  const view = proxyService({
    kind: "Service",
    metadata,
    spec: {
      type: "LoadBalancer",
      clusterIP: "10.96.0.10",
      clusterIPs: ["10.96.0.10", "fd00::10"],
      externalIPs: ["192.168.1.99", "2001:db8::1"],
      externalTrafficPolicy: "Local",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "ClientIP",
      loadBalancerSourceRanges: [" 10.0.0.0/8"],
      ports: [
        { name: "http", port: 80, targetPort: "web", nodePort: 30080 },
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "sctp", port: 5, protocol: "SCTP" },
      ],
    },
    status: {
      loadBalancer: {
        ingress: [{ ip: "192.168.1.240" }, { ip: "fd00::1" }, { ip: "192.168.1.241", ipMode: "Proxy" }],
      },
    },
  });
  expect(view).toEqual({
    key: "default/web",
    clusterIPs: ["10.96.0.10"],
    ingress: ["192.168.1.240"],
    externalIPs: ["192.168.1.99"],
    ports: [
      { name: "http", transport: "tcp", port: 80, nodePort: 30080 },
      { name: "dns", transport: "udp", port: 53, nodePort: 0 },
    ],
    isExternalLocal: true,
    isInternalLocal: false,
    isSticky: true,
    sourceRanges: ["10.0.0.0/8"],
  });
});

test("proxyService() serves nothing for a headless Service, and no ingress of another type", () => {
  const spec = { clusterIP: "None", ports: [{ port: 80 }] };
  const status = { loadBalancer: { ingress: [{ ip: "192.168.1.240" }] } };
  expect(proxyService({ kind: "Service", metadata, spec, status })).toMatchObject({
    clusterIPs: [],
    ingress: [],
  });
});

test.each([
  [{}, { isReady: true, isServingTerminating: false }],
  [{ ready: null }, { isReady: true, isServingTerminating: false }],
  [{ ready: false }, { isReady: false, isServingTerminating: false }],
  [
    { ready: false, serving: true, terminating: true },
    { isReady: false, isServingTerminating: true },
  ],
])("proxySlice() reads the conditions %j", (conditions, expected) => {
  const view = proxySlice({
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 80 }],
    endpoints: [{ addresses: ["10.244.1.2"], nodeName: "node1", conditions }],
  });
  expect(view).toEqual({
    key: "default/web",
    service: "default/web",
    ports: [{ name: "http", transport: "tcp", port: 80 }],
    endpoints: [{ address: "10.244.1.2", nodeName: "node1", ...expected }],
  });
});

test("proxyNode() finds the IPv4 InternalIP and pod range", () => {
  const view = proxyNode({
    kind: "Node",
    metadata: { name: "node1" },
    spec: { podCIDR: "fd00::/64", podCIDRs: ["fd00::/64", "10.244.1.0/24"] },
    status: {
      addresses: [
        { type: "Hostname", address: "node1" },
        { type: "InternalIP", address: "fd00::11" },
        { type: "InternalIP", address: "192.168.1.11" },
      ],
    },
  });
  expect(view).toEqual({ name: "node1", address: "192.168.1.11", podCidr: "10.244.1.0/24" });
});
