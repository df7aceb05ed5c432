import { describe, expect, test } from "bun:test";
import { formatRange } from "#core/net/mod.ts";
import { none } from "./fixtures.ts";
import { parseConfig, type Resource } from "./mod.ts";

function pool(name: string, spec: unknown, creationTimestamp = "2026-01-01T00:00:00Z"): Resource {
  return { kind: "IPAddressPool", metadata: { name, creationTimestamp }, spec };
}

function parse(...pools: Resource[]) {
  return parseConfig({ ...none, pools });
}

describe("parseConfig() of an IPAddressPool", () => {
  test.each([
    ["192.168.1.240-192.168.1.250", "192.168.1.240-192.168.1.250"],
    ["192.168.1.240 - 192.168.1.250", "192.168.1.240-192.168.1.250"],
    ["192.168.10.100/24", "192.168.10.0/24"],
    ["10.0.0.0/32", "10.0.0.0/32"],
    ["10.0.0.4-10.0.0.7", "10.0.0.4/30"],
    ["2001:db8::/64", "2001:db8::/64"],
    ["2001:db8::1-2001:db8::ff", "2001:db8::1-2001:db8::ff"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("reads %s as %s", (text, range) => {
    const { config, issues } = parse(pool("a", { addresses: [text] }));
    expect(issues).toEqual([]);
    expect(config.pools[0]?.ranges.map(formatRange)).toEqual([range]);
  });

  test.each([
    ["", "neither a CIDR nor a range"],
    ["192.168.1.0/33", "neither a CIDR nor a range"],
    ["192.168.1.0/024", "neither a CIDR nor a range"],
    ["192.168.1.10", "write it as 192.168.1.10/32"],
    ["2001:db8::1", "write it as 2001:db8::1/128"],
    ["192.168.1.250-192.168.1.240", "the start is above the end"],
    ["192.168.1.250-192.168.1", 'its end "192.168.1" is not an IP address'],
    ["x-192.168.1.240", 'its start "x" is not an IP address'],
    ["1.2.3.4-5.6.7.8-9.10.11.12", 'its end "5.6.7.8-9.10.11.12" is not an IP address'],
    ["192.168.1.1-2001:db8::1", "one end is IPv4 and the other IPv6"],
    ["2001:db8::ff-2001:db8::1", "the start is above the end"],
  ])("rejects %s: %s", (text, claim) => {
    const { config, issues } = parse(pool("a", { addresses: ["10.0.0.0/24", text] }));
    expect(config.pools).toEqual([]);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ kind: "IPAddressPool", name: "a", path: "spec.addresses[1]" });
    expect(issues[0]?.code).toBe("pool.range-malformed");
    expect(issues[0]?.message).toContain(claim);
  });

  test("says the whole sentence", () => {
    const { issues } = parse(pool("a", { addresses: ["192.168.1.250-192.168.1.240"] }));
    expect(issues[0]?.message).toBe(
      'spec.addresses[0]: "192.168.1.250-192.168.1.240" is not a range: the start is above the end; write it as first-last with first <= last, or as a CIDR such as 192.168.1.0/24',
    );
  });

  test("fills in the defaults of the schema", () => {
    const { config } = parse(pool("a", { addresses: ["10.0.0.0/24"] }));
    expect(config.pools[0]).toMatchObject({ autoAssign: true, avoidBuggyIPs: false, labels: {} });
    expect(config.pools[0]).not.toHaveProperty("serviceAllocation");
  });

  test("reads serviceAllocation", () => {
    const matchExpressions = [{ key: "tier", operator: "In", values: ["gold", "blue"] }];
    const serviceAllocation = {
      priority: 10,
      namespaces: ["shop"],
      namespaceSelectors: [{ matchLabels: { team: "a" } }],
      serviceSelectors: [{ matchExpressions }],
    };
    const { config } = parse(pool("a", { addresses: ["10.0.0.0/24"], autoAssign: false, serviceAllocation }));
    expect(config.pools[0]).toMatchObject({
      autoAssign: false,
      serviceAllocation: {
        priority: 10,
        namespaces: ["shop"],
        namespaceSelectors: [{ matchLabels: { team: "a" }, matchExpressions: [] }],
        serviceSelectors: [
          { matchLabels: {}, matchExpressions: [{ key: "tier", operator: "In", values: ["blue", "gold"] }] },
        ],
      },
    });
  });

  const expression = { key: "tier", operator: "In", values: ["gold"] };
  test.each([
    ["no addresses", { addresses: [] }, "spec.addresses", "pool.empty"],
    ["no spec", undefined, "spec.addresses", "pool.empty"],
    ["addresses of another type", { addresses: "10.0.0.0/24" }, "spec.addresses", "field.type"],
    ["an address of another type", { addresses: [10] }, "spec.addresses[0]", "field.type"],
    ["a flag of another type", { autoAssign: "no" }, "spec.autoAssign", "field.type"],
    [
      "a priority that is no whole number",
      { serviceAllocation: { priority: 1.5 } },
      "spec.serviceAllocation.priority",
      "field.range",
    ],
    [
      "a namespace twice",
      { serviceAllocation: { namespaces: ["a", "a"] } },
      "spec.serviceAllocation.namespaces[1]",
      "list.duplicate",
    ],
    [
      "a selector twice, with values in another order",
      {
        serviceAllocation: {
          namespaceSelectors: [
            { matchExpressions: [{ ...expression, values: ["a", "b"] }] },
            { matchExpressions: [{ ...expression, values: ["b", "a"] }] },
          ],
        },
      },
      "spec.serviceAllocation.namespaceSelectors[1]",
      "selector.duplicate",
    ],
    [
      "an expression twice in one selector",
      { serviceAllocation: { serviceSelectors: [{ matchExpressions: [expression, expression] }] } },
      "spec.serviceAllocation.serviceSelectors[0].matchExpressions[1]",
      "selector.duplicate",
    ],
    [
      "a value twice in one expression",
      {
        serviceAllocation: {
          serviceSelectors: [{ matchExpressions: [{ ...expression, values: ["a", "a"] }] }],
        },
      },
      "spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].values[1]",
      "list.duplicate",
    ],
    [
      "an operator that does not exist",
      {
        serviceAllocation: {
          serviceSelectors: [{ matchExpressions: [{ ...expression, operator: "Equals" }] }],
        },
      },
      "spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].operator",
      "selector.operator",
    ],
    [
      "In without values",
      { serviceAllocation: { serviceSelectors: [{ matchExpressions: [{ key: "tier", operator: "In" }] }] } },
      "spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].values",
      "selector.values",
    ],
    [
      "Exists with values",
      {
        serviceAllocation: {
          serviceSelectors: [{ matchExpressions: [{ ...expression, operator: "Exists" }] }],
        },
      },
      "spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].values",
      "selector.values",
    ],
    [
      "a label key that is none",
      { serviceAllocation: { serviceSelectors: [{ matchLabels: { "a b": "x" } }] } },
      "spec.serviceAllocation.serviceSelectors[0].matchLabels.a b",
      "selector.key",
    ],
  ])("rejects %s", (_, spec, path, code) => {
    const whole = spec && { addresses: ["10.0.0.0/24"], ...spec };
    const { config, issues } = parse(pool("a", whole));
    expect(config.pools).toEqual([]);
    expect(issues.map((issue) => [issue.path, issue.code])).toContainEqual([path, code]);
  });
});

describe("parseConfig() of pools that overlap", () => {
  const older = pool("b", { addresses: ["192.168.1.240-192.168.1.250"] }, "2026-01-01T00:00:00Z");
  const younger = pool("a", { addresses: ["10.0.0.0/24", "192.168.1.0/24"] }, "2026-02-01T00:00:00Z");

  test.each([
    ["older first", [older, younger]],
    ["younger first", [younger, older]],
  ])("keeps the older, %s, and names the other pool, both ranges and what they share", (_, pools) => {
    const { config, issues } = parse(...pools);
    expect(config.pools.map(({ name }) => name)).toEqual(["b"]);
    expect(issues).toEqual([
      {
        kind: "IPAddressPool",
        name: "a",
        path: "spec.addresses[1]",
        code: "pool.overlap",
        message:
          'spec.addresses[1]: 192.168.1.0/24 overlaps 192.168.1.240-192.168.1.250 of the older IPAddressPool "b": both have 192.168.1.240-192.168.1.250; an address may be in one pool only',
      },
    ]);
  });

  test("of the same age keeps the first by name", () => {
    const spec = { addresses: ["10.0.0.0/24"] };
    const { config, issues } = parse(pool("b", spec), pool("a", spec));
    expect(config.pools.map(({ name }) => name)).toEqual(["a"]);
    expect(issues.map(({ name }) => name)).toEqual(["b"]);
  });

  test("rejects a pool whose own ranges overlap, also around one between them", () => {
    const { issues } = parse(
      pool("a", {
        addresses: ["10.0.0.0/16", "10.0.1.0/24", "10.0.2.0-10.1.0.3", "10.2.0.0/24", "10.0.255.255/32"],
      }),
    );
    expect(issues.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "spec.addresses[1] pool.overlap-itself",
      "spec.addresses[2] pool.overlap-itself",
      "spec.addresses[4] pool.overlap-itself",
    ]);
  });

  test("lets ranges touch, and families be", () => {
    const { issues } = parse(
      pool("a", { addresses: ["10.0.0.0/25", "::a00:0/121"] }),
      pool("b", { addresses: ["10.0.0.128/25"] }),
    );
    expect(issues).toEqual([]);
  });

  test("one bad pool does not hurt the others, nor claim its ranges", () => {
    const bad = pool("a", { addresses: ["10.0.0.0/24", "nonsense"] }, "2026-01-01T00:00:00Z");
    const good = pool("b", { addresses: ["10.0.0.0/24"] }, "2026-02-01T00:00:00Z");
    const { config, issues } = parse(bad, good);
    expect(config.pools.map(({ name }) => name)).toEqual(["b"]);
    expect(issues.map(({ name }) => name)).toEqual(["a"]);
  });
});

describe("parseConfig() with the configuration in force", () => {
  const good = pool("a", { addresses: ["10.0.0.0/24"] });
  const bad = pool("a", { addresses: ["10.0.0.0/99"] });

  test("keeps the last accepted version of an object that is now rejected, and says so", () => {
    const before = parse(good).config;
    const { config, issues } = parseConfig({ ...none, pools: [bad] }, before);
    expect(config.pools).toEqual(before.pools);
    expect(issues[0]?.message).toEndWith("; the last accepted version stays in force");
  });

  test("drops that version where an older pool took its range", () => {
    const before = parse(good).config;
    const thief = pool("z", { addresses: ["10.0.0.0/16"] }, "2020-01-01T00:00:00Z");
    const { config } = parseConfig({ ...none, pools: [bad, thief] }, before);
    expect(config.pools.map(({ name }) => name)).toEqual(["z"]);
  });

  test("drops an object that is gone", () => {
    expect(parseConfig(none, parse(good).config).config.pools).toEqual([]);
  });
});
