import { describe, expect, test } from "bun:test";
import { builtInSchema } from "../schema/mod.ts";
import { applyStrategicMerge } from "./mod.ts";

const deployment = builtInSchema("V1Deployment");
const service = builtInSchema("V1Service");
const pod = builtInSchema("V1Pod");

function merged(target: unknown, patch: unknown, schema = deployment): Record<string, never> {
  return applyStrategicMerge(structuredClone(target), patch, schema) as Record<string, never>;
}

describe("applyStrategicMerge()", () => {
  // kubernetes.io, "Update API Objects in Place Using kubectl patch".
  const patchDemo = {
    spec: {
      template: {
        spec: { containers: [{ name: "patch-demo-ctr", image: "nginx" }], tolerations: [{ key: "a" }] },
      },
    },
  };

  test("merges containers by name and replaces tolerations, as the documentation shows", () => {
    const patch = {
      spec: {
        template: {
          spec: {
            containers: [{ name: "patch-demo-ctr-2", image: "redis" }],
            tolerations: [{ key: "disktype" }],
          },
        },
      },
    };
    expect(merged(patchDemo, patch)).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              { name: "patch-demo-ctr", image: "nginx" },
              { name: "patch-demo-ctr-2", image: "redis" },
            ],
            tolerations: [{ key: "disktype" }],
          },
        },
      },
    });
  });

  test("$patch: delete removes one element, $patch: replace the whole list", () => {
    const target = {
      spec: {
        containers: [
          { name: "a", image: "x" },
          { name: "b", image: "y" },
        ],
      },
    };
    expect(merged(target, { spec: { containers: [{ name: "a", $patch: "delete" }] } }, pod)).toEqual({
      spec: { containers: [{ name: "b", image: "y" }] },
    } as never);
    const replaced = merged(
      target,
      { spec: { containers: [{ $patch: "replace" }, { name: "c", image: "z" }] } },
      pod,
    );
    expect(replaced).toEqual({ spec: { containers: [{ name: "c", image: "z" }] } } as never);
  });

  test("$retainKeys drops the other fields: the documentation's change of a Deployment's strategy", () => {
    const target = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
    expect(merged(target, patch)).toEqual({ spec: { strategy: { type: "Recreate" } } } as never);
  });

  test("$patch: replace on an object", () => {
    const patch = { spec: { strategy: { $patch: "replace", type: "Recreate" } } };
    const target = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
    expect(merged(target, patch)).toEqual({ spec: { strategy: { type: "Recreate" } } } as never);
  });

  test("$deleteFromPrimitiveList and plain lists that merge: finalizers", () => {
    const target = { metadata: { finalizers: ["a", "b", "c"] } };
    const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": ["b"], finalizers: ["d", "a"] } };
    expect(merged(target, patch)).toEqual({ metadata: { finalizers: ["a", "c", "d"] } } as never);
    const only = { metadata: { "$deleteFromPrimitiveList/finalizers": ["a"] } };
    expect(merged(target, only)).toEqual({ metadata: { finalizers: ["b", "c"] } } as never);
  });

  test("$setElementOrder orders what it names and leaves the server's own elements in their place", () => {
    const target = { spec: { containers: [{ name: "one" }, { name: "two" }, { name: "server" }] } };
    const patch = {
      spec: {
        "$setElementOrder/containers": [{ name: "new" }, { name: "two" }, { name: "one" }],
        containers: [{ name: "new", image: "i" }],
      },
    };
    const names = (merged(target, patch, pod) as unknown as typeof target).spec.containers.map(
      (each) => each.name,
    );
    expect(names).toEqual(["new", "two", "one", "server"]);
  });

  test("an order alone reorders", () => {
    const target = { spec: { containers: [{ name: "a" }, { name: "b" }] } };
    const patch = { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } };
    expect(merged(target, patch, pod)).toEqual({
      spec: { containers: [{ name: "b" }, { name: "a" }] },
    } as never);
  });

  test("Service ports merge by port, and by protocol where two share a number", () => {
    const target = {
      spec: {
        ports: [
          { port: 53, protocol: "TCP", nodePort: 1 },
          { port: 53, protocol: "UDP", nodePort: 2 },
          { port: 80, protocol: "TCP", targetPort: 8080 },
        ],
      },
    };
    const patch = {
      spec: {
        ports: [
          { port: 53, protocol: "UDP", nodePort: 9 },
          { port: 80, targetPort: 8081 },
        ],
      },
    };
    expect(merged(target, patch, service)).toEqual({
      spec: {
        ports: [
          { port: 53, protocol: "TCP", nodePort: 1 },
          { port: 53, protocol: "UDP", nodePort: 9 },
          { port: 80, protocol: "TCP", targetPort: 8081 },
        ],
      },
    } as never);
  });

  test("conditions merge by type, null removes a field, maps merge key by key", () => {
    const target = {
      metadata: { labels: { a: "1", b: "2" } },
      status: {
        conditions: [
          { type: "Available", status: "False" },
          { type: "Progressing", status: "True" },
        ],
      },
    };
    const patch = {
      metadata: { labels: { a: null, c: "3" } },
      status: { conditions: [{ type: "Available", status: "True" }] },
    };
    expect(merged(target, patch)).toEqual({
      metadata: { labels: { b: "2", c: "3" } },
      status: {
        conditions: [
          { type: "Available", status: "True" },
          { type: "Progressing", status: "True" },
        ],
      },
    } as never);
  });

  test("refuses an element without its merge key and an unknown directive", () => {
    const target = { spec: { containers: [{ name: "a" }] } };
    expect(() => merged(target, { spec: { containers: [{ image: "x" }] } }, pod)).toThrow(
      "does not contain declared merge key: name",
    );
    expect(() => merged(target, { spec: { $patch: "explode" } }, pod)).toThrow(
      "unrecognized patch directive",
    );
  });
});
