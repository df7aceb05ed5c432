import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { KubeObject } from "#k8s/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { StatusError } from "../status_error.ts";
import {
  difference,
  type FieldSet,
  fieldSet,
  intersection,
  isMember,
  leaf,
  pathsOf,
  union,
} from "./field_set.ts";
import { applyConfiguration } from "./mod.ts";

/** Small sets over few names, so that two of them meet. */
const anySet: fc.Arbitrary<FieldSet | undefined> = fc.letrec<{ set: FieldSet | undefined }>((tie) => ({
  set: fc
    .tuple(
      fc.boolean(),
      fc.dictionary(
        fc.constantFrom("f:a", "f:b", 'k:{"n":1}', 'v:"x"'),
        fc.oneof({ depthSize: "small" }, fc.constant(leaf), tie("set")),
        { maxKeys: 3 },
      ),
    )
    .map(([isItself, below]) => {
      const present = Object.entries(below).filter(
        (entry): entry is [string, FieldSet] => entry[1] !== undefined,
      );
      return fieldSet(isItself, Object.fromEntries(present));
    }),
})).set;

/** The members as plain paths: what the algebra must agree with. */
function members(set: FieldSet | undefined): Set<string> {
  return new Set([...(set !== undefined && isMember(set) ? ["."] : []), ...pathsOf(set)]);
}

describe("field sets", () => {
  test("are sets of paths: union, difference and intersection are those of their members", () => {
    fc.assert(
      fc.property(anySet, anySet, (a, b) => {
        const [left, right] = [members(a), members(b)];
        expect(members(union(a, b))).toEqual(left.union(right));
        expect(members(difference(a, b))).toEqual(left.difference(right));
        expect(members(intersection(a, b))).toEqual(left.intersection(right));
      }),
    );
  });

  test("tell a path in a conflict's words", () => {
    const set = {
      "f:spec": {
        "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { "f:nodePort": leaf } },
        "f:set": { 'v:"x"': leaf },
      },
    };
    expect(pathsOf(set)).toEqual(['.spec.ports[port=80,protocol="TCP"].nodePort', '.spec.set[="x"]']);
  });
});

test("after any applies each field has the value that all its owners want, and no field is without an owner", () => {
  const managers = ["one", "two", "three"];
  const step = fc.record({
    manager: fc.constantFrom(...managers),
    data: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("1", "2"), {
      minKeys: 1,
      maxKeys: 4,
    }),
    force: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let live: KubeObject | undefined;
      for (const { manager, data, force } of steps) {
        const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data };
        const writer = { manager, apiVersion: "v1", time: "2026-01-01T00:00:00Z" };
        const before = structuredClone(live);
        const held = (live?.data ?? {}) as Record<string, string>;
        const isContested = Object.entries(data).some(
          ([key, value]) =>
            held[key] !== undefined &&
            held[key] !== value &&
            ownersOf(live, key).some((each) => each !== manager),
        );
        try {
          live = applyConfiguration(live, body, builtInSchema("V1ConfigMap"), writer, force);
          expect(isContested && !force).toBe(false);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          expect(isContested && !force).toBe(true);
          expect(live).toEqual(before);
          continue;
        }
        const now = live.data as Record<string, string>;
        expect(now).toMatchObject(data);
        for (const key of Object.keys(data)) expect(ownersOf(live, key)).toContain(manager);
        for (const key of Object.keys(now)) expect(ownersOf(live, key)).not.toEqual([]);
        for (const key of ["a", "b", "c", "d"]) {
          if (now[key] === undefined) expect(ownersOf(live, key)).toEqual([]);
        }
      }
    }),
  );
});

function ownersOf(object: KubeObject | undefined, key: string): string[] {
  const entries = (object?.metadata.managedFields ?? []) as { manager: string; fieldsV1: FieldSet }[];
  return entries
    .filter(({ fieldsV1 }) => fieldsV1["f:data"]?.[`f:${key}`] !== undefined)
    .map(({ manager }) => manager);
}
