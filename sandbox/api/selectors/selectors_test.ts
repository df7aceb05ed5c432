import { describe, expect, test } from "bun:test";
import { labelSelectorText, parseFieldSelector, parseLabelSelector } from "./mod.ts";

describe("parseLabelSelector()", () => {
  const labels = { app: "web", tier: "front", weight: "7", "example.com/kind": "x" };
  test.each([
    ["app=web", true],
    ["app==web", true],
    ["app=db", false],
    ["app!=db", true],
    ["absent!=db", true],
    ["app in (web,db)", true],
    ["app in (db)", false],
    ["absent in (db)", false],
    ["app notin (db, x)", true],
    ["absent notin (db)", true],
    ["app notin (web)", false],
    ["app", true],
    ["absent", false],
    ["!absent", true],
    ["! app", false],
    ["weight>6", true],
    ["weight>7", false],
    ["weight<8", true],
    ["app>1", false],
    ["app=web,tier=front,!absent", true],
    ["app=web,tier=back", false],
    ["example.com/kind in (x),app", true],
    ["absent in ()", false],
    ["app=", false],
  ])("%s -> %p", (text, expected) => {
    expect(parseLabelSelector(text)?.(labels)).toBe(expected);
  });

  test("is undefined for an empty text, which selects everything", () => {
    expect(parseLabelSelector(" ")).toBeUndefined();
  });

  test.each(["a b", "a in b", "a=b c", "=b", "a in (b", "a>x", "-a=b", "a=b!"])("refuses %s", (text) => {
    expect(() => parseLabelSelector(text)).toThrow("unable to parse requirement");
  });

  test("reads what labelSelectorText() writes", () => {
    const text = labelSelectorText({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["front", "back"] },
        { key: "absent", operator: "DoesNotExist" },
        { key: "weight", operator: "Exists" },
        { key: "zone", operator: "NotIn", values: ["a"] },
      ],
    });
    expect(text).toBe("app=web,tier in (front,back),!absent,weight,zone notin (a)");
    expect(parseLabelSelector(text)?.(labels)).toBe(true);
  });
});

describe("parseFieldSelector()", () => {
  const service = { metadata: { name: "a,b", namespace: "n" }, spec: { type: "LoadBalancer" } };
  const fields = { "spec.type": (object: typeof service | object) => (object as typeof service).spec.type };

  test.each([
    ["metadata.name=a\\,b", true],
    ["metadata.name=a", false],
    ["metadata.name!=a", true],
    ["metadata.namespace==n,spec.type=LoadBalancer", true],
    ["spec.type!=LoadBalancer", false],
  ])("%s -> %p", (text, expected) => {
    expect(parseFieldSelector(text, fields)?.matches(service)).toBe(expected);
  });

  test("tells the exact name and namespace", () => {
    expect(parseFieldSelector("metadata.name=x,metadata.namespace!=y", {})).toMatchObject({ name: "x" });
    expect(parseFieldSelector("metadata.namespace!=y", {})?.namespace).toBeUndefined();
  });

  test("refuses a field that the kind does not offer and a text without an operator", () => {
    expect(() => parseFieldSelector("spec.foo=1", fields)).toThrow("field label not supported: spec.foo");
    expect(() => parseFieldSelector("constructor=1", fields)).toThrow("field label not supported");
    expect(() => parseFieldSelector("nonsense", fields)).toThrow("invalid selector");
  });
});
