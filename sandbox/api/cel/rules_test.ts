/** kubernetes.io "Validation rules", with its own examples where it has them. */
import { describe, expect, test } from "bun:test";
import { fieldErrorText } from "../field_error.ts";
import type { Schema, ValidationRule } from "../schema/mod.ts";
import { validateValue } from "../schema/mod.ts";
import { evaluateRules, validateRules } from "./mod.ts";

const text: Schema = { type: "string", maxLength: 64 };
const integer: Schema = { type: "integer" };

function object(properties: Record<string, Schema>, ...rules: (string | ValidationRule)[]): Schema {
  const validations = rules.map((rule) => (typeof rule === "string" ? { rule } : rule));
  return { type: "object", properties, "x-kubernetes-validations": validations };
}

function list(items: Schema, maxItems = 10): Schema {
  return { type: "array", maxItems, items };
}

function told(schema: Schema, value: unknown, before?: unknown): string[] {
  return validateValue(value, schema, "spec", evaluateRules, before).map(fieldErrorText);
}

describe("a rule", () => {
  const replicas = { minReplicas: integer, replicas: integer, maxReplicas: integer };

  test("that fails says so by its own text, or by the message that it brings", () => {
    const rule = "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas";
    const value = { minReplicas: 1, replicas: 5, maxReplicas: 3 };
    expect(told(object(replicas, rule), value)).toEqual([
      `spec: Invalid value: "object": failed rule: ${rule}`,
    ]);
    expect(told(object(replicas, { rule, message: "out of range" }), value)).toEqual([
      'spec: Invalid value: "object": out of range',
    ]);
    const messageExpression = "'at most ' + string(self.maxReplicas)";
    expect(told(object(replicas, { rule, message: "out of range", messageExpression }), value)).toEqual([
      'spec: Invalid value: "object": at most 3',
    ]);
    expect(told(object(replicas, rule), { ...value, replicas: 2 })).toEqual([]);
  });

  test("names its reason and the field that is to blame", () => {
    const rule = { rule: "self.replicas > 0", message: "none", fieldPath: ".replicas" };
    const one = (reason: string) => told(object(replicas, { ...rule, reason }), { replicas: 0 });
    expect(one("FieldValueInvalid")).toEqual(['spec.replicas: Invalid value: "object": none']);
    expect(one("FieldValueForbidden")).toEqual(["spec.replicas: Forbidden: none"]);
    expect(one("FieldValueRequired")).toEqual(["spec.replicas: Required value: none"]);
  });

  test("stands at any depth: on a text, on a list's elements, on a map's values", () => {
    const short: Schema = {
      ...text,
      "x-kubernetes-validations": [{ rule: "self.size() < 3", message: "long" }],
    };
    const schema = object({ names: list(short), by: { type: "object", additionalProperties: short } });
    expect(told(schema, { names: ["ab", "abc"], by: { a: "abcd" } })).toEqual([
      'spec.names[1]: Invalid value: "string": long',
      'spec.by.a: Invalid value: "string": long',
    ]);
  });

  test("waits until the schema finds the object what it should be", () => {
    const schema = { ...object(replicas, "self.replicas > 0"), required: ["replicas"] };
    expect(told(schema, { minReplicas: 1.5 })).toEqual([
      "spec.replicas: Required value",
      expect.stringContaining("spec.minReplicas: Invalid value"),
      '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  test("does not fall over a text that is not of its format", () => {
    const schema = object({ took: { type: "string", format: "duration" } }, "self.took > duration('1s')");
    expect(told(schema, { took: "soon" })[0]).toBe(
      'spec.took: Invalid value: "soon": spec.took in body must be of type duration: "soon"',
    );
  });

  test("that reads an absent field without asking fails by that", () => {
    expect(told(object(replicas, "self.replicas > 0"), {})).toEqual([
      'spec: Invalid value: "object": no such key: replicas evaluating rule: self.replicas > 0',
    ]);
    expect(told(object(replicas, "!has(self.replicas) || self.replicas > 0"), {})).toEqual([]);
  });

  test.each<[string, unknown, boolean]>([
    [
      "self.ports.all(p, p.number > 0 && p.name.matches('^[a-z]+$'))",
      { ports: [{ name: "a", number: 1 }] },
      true,
    ],
    ["self.ports.exists(p, p.number == 2)", { ports: [{ name: "a", number: 1 }] }, false],
    ["self.ports.exists_one(p, p.name == 'a')", { ports: [{ name: "a" }, { name: "a" }] }, false],
    ["self.ports.map(p, p.number).sum() == 3", { ports: [{ number: 1 }, { number: 2 }] }, true],
    ["self.ports.filter(p, p.name == 'a').size() == 1", { ports: [{ name: "a" }, { name: "b" }] }, true],
    ["self.names.isSorted()", { names: ["b", "a"] }, false],
    ["self.names.indexOf('b') == 1", { names: ["a", "b"] }, true],
    ["self.names.join(',').split(',').size() == 2", { names: ["a", "b"] }, true],
    ["self.numbers.max() - self.numbers.min() == 4", { numbers: [3, 7, 5] }, true],
    ["self.labels.all(k, self.labels[k] != 'x')", { labels: { a: "x" } }, false],
    ["'a' in self.labels && !('b' in self.labels)", { labels: { a: "x" } }, true],
    ["self.name.find('[0-9]+') == '12'", { name: "a12b3" }, true],
    ["self.name.findAll('[0-9]').size() == 2", { name: "a1b2" }, true],
    ["self.name.lowerAscii().startsWith('ab')", { name: "AB" }, true],
    ["self.name.replace('a', 'b') == 'bb'", { name: "ab" }, true],
    [
      "isURL(self.name) && url(self.name).getHost() == 'example.com:80'",
      { name: "https://example.com:80/x" },
      true,
    ],
    ["isIP(self.name) && ip(self.name).family() == 6", { name: "2001:db8::1" }, true],
    ["cidr('10.0.0.0/8').containsIP(self.name)", { name: "11.0.0.1" }, false],
    ["cidr(self.name).prefixLength() == 24", { name: "10.0.0.0/24" }, true],
    ["quantity(self.name).isGreaterThan(quantity('100Mi'))", { name: "1Gi" }, true],
    ["duration(self.name).getSeconds() == 90", { name: "1m30s" }, true],
    ["self.either == 5 || self.either == '5'", { either: 5 }, true],
    ["self.either == 5 || self.either == '5'", { either: "6" }, false],
    [
      "self.ports[0] == self.ports[1]",
      {
        ports: [
          { name: "a", number: 1 },
          { name: "a", number: 1 },
        ],
      },
      true,
    ],
    [
      "self.ports[0] == self.ports[1]",
      {
        ports: [
          { name: "a", number: 1 },
          { name: "a", number: 2 },
        ],
      },
      false,
    ],
    [
      "self.__namespace__ == 'a' && self.dashed__dash__name == 'b'",
      { namespace: "a", "dashed-name": "b" },
      true,
    ],
    ["self.?name.orValue('none') == 'none'", {}, true],
    ["self.when < timestamp('2026-01-01T00:00:00Z')", { when: "2025-01-01T00:00:00Z" }, true],
    ["'%s=%s, 100%%'.format(['a', self.name]) == 'a=b, 100%'", { name: "b" }, true],
    ["'%.1f'.format([1.25]) == '1.3' && '%x%d'.format([255, 7]) == 'ff7'", {}, true],
    ["self.took == duration('1m')", { took: "60s" }, true],
  ])("%s", (rule, value, isGood) => {
    const schema = object(
      {
        ports: list(object({ name: text, number: integer })),
        names: list(text),
        numbers: list(integer),
        labels: { type: "object", maxProperties: 5, additionalProperties: text },
        name: text,
        namespace: text,
        "dashed-name": text,
        either: { "x-kubernetes-int-or-string": true },
        when: { type: "string", format: "date-time" },
        took: { type: "string", format: "duration" },
      },
      { rule, message: "no" },
    );
    expect(validateRules(schema, "schema").map(fieldErrorText)).toEqual([]);
    expect(told(schema, value)).toEqual(isGood ? [] : ['spec: Invalid value: "object": no']);
  });
});

describe("a transition rule", () => {
  const fixed: Schema = {
    ...text,
    "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "fixed" }],
  };

  test("runs where there was a value before", () => {
    const schema = object({ name: fixed });
    expect(told(schema, { name: "a" })).toEqual([]);
    expect(told(schema, { name: "a" }, {})).toEqual([]);
    expect(told(schema, { name: "a" }, { name: "a" })).toEqual([]);
    expect(told(schema, { name: "b" }, { name: "a" })).toEqual(['spec.name: Invalid value: "string": fixed']);
  });

  test("may ask whether there was one", () => {
    const rule = {
      rule: "oldSelf.hasValue() || self.n == 1",
      optionalOldSelf: true,
      message: "begin with 1",
    };
    const schema = object({ n: integer }, rule);
    expect(validateRules(schema, "schema")).toEqual([]);
    expect(told(schema, { n: 2 })).toEqual(['spec: Invalid value: "object": begin with 1']);
    expect(told(schema, { n: 1 })).toEqual([]);
    expect(told(schema, { n: 2 }, { n: 1 })).toEqual([]);
  });

  test("follows an element of a list by its keys, and stands on no element that has none", () => {
    const entry = { ...object({ key: text, value: fixed }), required: ["key"] };
    const keyed: Schema = {
      ...list(entry),
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["key"],
    };
    const schema = object({ entries: keyed });
    expect(validateRules(schema, "schema")).toEqual([]);
    const before = {
      entries: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    };
    const after = {
      entries: [
        { key: "b", value: "3" },
        { key: "a", value: "1" },
      ],
    };
    expect(told(schema, after, before)).toEqual(['spec.entries[0].value: Invalid value: "string": fixed']);
    expect(validateRules(object({ names: list(fixed) }), "schema").map(fieldErrorText)).toEqual([
      'schema.properties[names].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema',
    ]);
  });

  test("aside, what did not change is not judged anew", () => {
    const schema = object({ n: integer, m: integer }, "self.n > 5");
    expect(told(schema, { n: 1 }, { n: 1 })).toEqual([]);
    expect(told(schema, { n: 1, m: 1 }, { n: 1 })).toHaveLength(1);
  });
});

describe("validateRules()", () => {
  const problems = (schema: Schema) => validateRules(schema, "schema").map(fieldErrorText);

  test.each([
    ["self.nope == 1", "undefined field 'nope'"],
    ["!has(self.nope)", "undefined field 'nope'"],
    ["self.names.all(n, n.nope > 1)", "ERROR"],
    ["self.n == 'a'", "no such overload: int == string"],
    ["self.n.foo()", "found no matching overload"],
    ["self.n +", "ERROR"],
    ["self.n", "cel expression must evaluate to a bool"],
  ])("%s does not compile", (rule, why) => {
    const [problem, ...more] = problems(object({ n: integer, names: list(text) }, rule));
    expect(more).toEqual([]);
    expect(problem).toStartWith(
      `schema.x-kubernetes-validations[0].rule: Invalid value: ${JSON.stringify(rule)}: `,
    );
    expect(problem).toContain(why);
  });

  test("reads elements of a list only where the list and its texts have bounds", () => {
    const rule = "self.names.all(a, self.names.exists(b, a.startsWith(b)))";
    const advice =
      "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    expect(problems(object({ names: { type: "array", items: { type: "string" } } }, rule))[0]).toBe(
      `schema.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
    );
    expect(problems(object({ names: list({ type: "string" }, 1_000) }, rule))).not.toEqual([]);
    expect(problems(object({ names: list(text, 100) }, rule))).toEqual([]);
  });

  test("counts a rule inside a list as often as the list has elements", () => {
    const entry = object({ names: list(text, 1_000) }, "self.names.all(n, n.matches('^[a-z]+$'))");
    expect(problems(object({ entries: list(entry, 10) }))).toEqual([]);
    expect(problems(object({ entries: { type: "array", items: entry } }))[0]).toContain("exceeds budget");
  });

  test("lets a rule have the size of a list without a bound, as a real server does", () => {
    expect(problems(object({ names: { type: "array", items: text } }, "self.names.size() > 0"))).toEqual([]);
  });
});
