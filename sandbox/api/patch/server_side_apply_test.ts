import { describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { applyConfiguration } from "./mod.ts";

const schema = builtInSchema("V1Service");

function service(spec: unknown, metadata: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default", ...metadata },
    spec,
  };
}

function apply(live: KubeObject, applied: KubeObject, manager = "tester"): KubeObject {
  const writer = { manager, apiVersion: "v1", time: "2026-01-01T00:00:00Z" };
  return applyConfiguration(live, applied, schema, writer, false);
}

describe("applyConfiguration()", () => {
  test("merges ports by their keys, counting an absent protocol as its default", () => {
    const live = service({ clusterIP: "10.0.0.1", ports: [{ port: 80, protocol: "TCP", nodePort: 30_000 }] });
    const result = apply(live, service({ ports: [{ port: 80, targetPort: 8080 }, { port: 81 }] }));
    expect(result.spec).toEqual({
      clusterIP: "10.0.0.1",
      ports: [{ port: 80, protocol: "TCP", nodePort: 30_000, targetPort: 8080 }, { port: 81 }],
    });
  });

  test("records what the manager applied, in the form of FieldsV1", () => {
    const result = apply(
      service({}),
      service({ type: "NodePort", ports: [{ port: 80 }] }, { labels: { a: "b" } }),
    );
    expect(result.metadata.managedFields).toEqual([
      {
        manager: "tester",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:a": {} } },
          "f:spec": {
            "f:type": {},
            "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } },
          },
        },
      },
    ]);
  });

  test("removes what the manager no longer applies, and keeps what others wrote", () => {
    const first = apply(
      service({ clusterIP: "10.0.0.1" }),
      service({ externalName: "x", ports: [{ port: 80 }, { port: 81 }] }, { labels: { a: "b" } }),
    );
    const second = apply(first, service({ ports: [{ port: 81 }] }));
    expect(second.spec).toEqual({ clusterIP: "10.0.0.1", ports: [{ port: 81 }] });
    expect(second.metadata.labels).toBeUndefined();
  });

  test("a field applied by two managers goes when the second lets go", () => {
    const one = apply(service({}), service({ type: "NodePort" }), "one");
    const two = apply(one, service({ type: "NodePort" }), "two");
    const oneLeft = apply(two, service({}), "one");
    expect(oneLeft.spec).toEqual({ type: "NodePort" });
    expect(apply(oneLeft, service({}), "two").spec).toEqual({});
  });

  test("puts the applied elements in their order, and leaves those of others where they are", () => {
    const ports = (...numbers: number[]) => numbers.map((port) => ({ port, protocol: "TCP" }));
    const numbers = ({ spec }: KubeObject) =>
      (spec as { ports: { port: number }[] }).ports.map(({ port }) => port);
    const merged = (live: number[], applied: number[]) =>
      numbers(apply(service({ ports: ports(...live) }), service({ ports: ports(...applied) })));
    expect(merged([1, 2, 3], [2])).toEqual([1, 2, 3]);
    expect(merged([1, 2, 3], [4, 2])).toEqual([1, 4, 2, 3]);
    expect(merged([1, 2, 3], [3, 1])).toEqual([3, 1, 2]);
    expect(merged([1, 2], [2, 5, 6])).toEqual([1, 2, 5, 6]);
    // What was there twice, and is nobody's to put right here, stays.
    expect(merged([7, 7, 1], [1])).toEqual([7, 7, 1]);
  });

  test("the same configuration again changes nothing, whatever the time", () => {
    const first = apply(service({}), service({ type: "NodePort" }));
    const writer = { manager: "tester", apiVersion: "v1", time: "2027-01-01T00:00:00Z" };
    const again = applyConfiguration(first, service({ type: "NodePort" }), schema, writer, false);
    expect(again).toEqual(first);
  });
});
