import { describe, expect, test } from "bun:test";
import { parsePrefix } from "#core/net/mod.ts";
import { answerRequest, answerText, receiverOf, type Visit } from "./answer.ts";
import { isPlayed, type LocalPod, localPod, portsOf } from "./local_pod.ts";
import { PodAddresses } from "./pod_addresses.ts";
import { isToldAlready, runningStatus } from "./pod_status.ts";

const nodes: Record<string, string> = { "192.168.1.11": "node1", "192.168.1.12": "node2" };

function visit(clientAddress: string): Visit {
  return {
    pod: { name: "demo-7d9c", namespace: "default", address: "10.244.2.5", node: "node2" },
    client: { address: clientAddress, port: 40000 },
    request: "GET /",
    nodeAt: (address) => nodes[address],
  };
}

test.each([
  ["another node's address (Cluster, masqueraded there)", "192.168.1.11", "node1"],
  ["this node's address (Cluster, masqueraded here)", "192.168.1.12", "node2"],
  ["no node's address (Local, not masqueraded)", "192.168.1.100", "node2"],
])("receiverOf() for %s", (_case, address, expected) => expect(receiverOf(visit(address))).toBe(expected));

test("answerText() says pod, node and receiver in its first line", () => {
  expect(answerText(visit("192.168.1.11"))).toBe(
    "pod demo-7d9c on node2, received by node1\nnamespace default, pod address 10.244.2.5\n" +
      "client 192.168.1.11 port 40000\nGET /\n",
  );
});

test("answerRequest() gives JSON where Accept asks for it, and the facts in headers", async () => {
  const asked = new Request("http://web/", { headers: { accept: "application/json" } });
  const response = answerRequest(asked, visit("192.168.1.11"));
  expect(await response.json()).toEqual({
    pod: "demo-7d9c",
    namespace: "default",
    node: "node2",
    podAddress: "10.244.2.5",
    receivedBy: "node1",
    clientAddress: "192.168.1.11",
    clientPort: 40000,
    request: "GET /",
  });
  expect(response.headers.get("x-received-by")).toBe("node1");
  const plain = answerRequest(new Request("http://web/any"), visit("192.168.1.11"));
  expect(plain.headers.get("content-type")).toBe("text/plain; charset=utf-8");
});

describe("PodAddresses", () => {
  const addresses = () => new PodAddresses(parsePrefix("10.244.1.0/29") ?? fail());

  test("gives the lowest free address, without the first two and the last of the range", () => {
    const pool = addresses();
    const given = ["a", "b", "c", "d", "e", "f"].map((uid) => pool.take(uid, ""));
    expect(given).toEqual(["10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5", "10.244.1.6", undefined]);
    pool.release("c");
    expect(pool.take("g", "")).toBe("10.244.1.4");
    expect(pool.take("a", "")).toBe("10.244.1.2");
  });

  test("keeps the address that the cluster knows, unless it is foreign or another's", () => {
    const pool = addresses();
    expect(pool.take("a", "10.244.1.5")).toBe("10.244.1.5");
    expect(pool.take("b", "10.244.1.5")).toBe("10.244.1.2");
    expect(pool.take("c", "10.244.9.5")).toBe("10.244.1.3");
  });
});

function pod(spec: object = {}, status: object = {}, metadata: object = {}): LocalPod {
  return localPod({
    kind: "Pod",
    metadata: { name: "demo", namespace: "default", uid: "u1", ...metadata },
    spec: {
      containers: [{ name: "nginx", image: "nginx:1.27-alpine", ports: [{ containerPort: 80 }] }],
      ...spec,
    },
    status,
  });
}

test.each<[string, LocalPod, boolean]>([
  ["an ordinary pod", pod(), true],
  ["a pod on the host network", pod({ hostNetwork: true }), false],
  ["a pod of this product", pod({}, {}, { labels: { app: "metallb" } }), false],
  ["a pod that has ended", pod({}, { phase: "Succeeded" }), false],
])("isPlayed() of %s", (_case, subject, expected) => expect(isPlayed(subject)).toBe(expected));

test("portsOf() takes declared ports once, or TCP 80", () => {
  const ports = [
    { containerPort: 53, protocol: "UDP" },
    { containerPort: 53, protocol: "UDP" },
    { containerPort: 8080 },
  ];
  expect(portsOf(pod({ containers: [{ ports }] }))).toEqual([
    { port: 53, protocol: "UDP" },
    { port: 8080, protocol: "TCP" },
  ]);
  expect(portsOf(pod({ containers: [{ name: "silent" }] }))).toEqual([{ port: 80, protocol: "TCP" }]);
});

describe("runningStatus()", () => {
  const at = Date.parse("2026-01-01T00:00:00Z");
  const ready = (status: { conditions: readonly { type: string; status: string }[] }) =>
    status.conditions.find(({ type }) => type === "Ready");

  test("says once what a kubelet says, and knows when it is told", () => {
    const status = runningStatus(pod(), "10.244.1.2", "192.168.1.11", at);
    expect(status).toMatchObject({
      phase: "Running",
      podIP: "10.244.1.2",
      hostIP: "192.168.1.11",
      startTime: "2026-01-01T00:00:00Z",
      containerStatuses: [{ name: "nginx", image: "nginx:1.27-alpine", ready: true, restartCount: 0 }],
    });
    expect(isToldAlready(pod(), status)).toBe(false);
    const known = pod({}, status);
    const later = runningStatus(known, "10.244.1.2", "192.168.1.11", at + 60_000);
    expect(isToldAlready(known, later)).toBe(true);
    expect(later).toEqual(status);
  });

  test("a leaving pod is not ready", () => {
    const known = pod({}, runningStatus(pod(), "10.244.1.2", "192.168.1.11", at));
    const leaving = { ...known, deleting: true };
    const status = runningStatus(leaving, "10.244.1.2", "192.168.1.11", at + 5000);
    expect(ready(status)).toMatchObject({ status: "False", lastTransitionTime: "2026-01-01T00:00:05Z" });
    expect(isToldAlready(leaving, status)).toBe(false);
  });

  test("a closed readiness gate keeps a pod from being ready (KEP-580), and is left as it is", () => {
    const spec = { readinessGates: [{ conditionType: "example.com/warm" }] };
    const closed = runningStatus(pod(spec), "10.244.1.2", "192.168.1.11", at);
    expect(ready(closed)).toMatchObject({ status: "False", reason: "ReadinessGatesNotReady" });
    const gate = { type: "example.com/warm", status: "True" };
    const open = runningStatus(pod(spec, { conditions: [gate] }), "10.244.1.2", "192.168.1.11", at);
    expect(ready(open)).toMatchObject({ status: "True" });
    expect(open.conditions).toContainEqual(expect.objectContaining(gate));
  });
});

function fail(): never {
  throw new Error("The test's own input does not parse");
}
