import { describe, expect, test } from "bun:test";
import { formatAddress, formatRange } from "#core/net/mod.ts";
import { none } from "./fixtures.ts";
import { formatReservations, type PoolPolicy, parseConfig } from "./mod.ts";

function poolWith(annotations: Record<string, string>) {
  const spec = { addresses: ["10.0.0.0/24", "2001:db8::/64"] };
  const metadata = { name: "p", annotations };
  return parseConfig({ ...none, pools: [{ kind: "IPAddressPool", metadata, spec }] });
}

function policyOf(annotations: Record<string, string>): PoolPolicy | undefined {
  const { config, issues } = poolWith(annotations);
  expect(issues).toEqual([]);
  return config.pools[0]?.policy;
}

describe("parsePoolPolicy()", () => {
  test("rejects an address that is both reserved and excluded", () => {
    const { issues } = poolWith({
      "metallb.io/exclude-addresses": "10.0.0.0/28",
      "metallb.io/reservations": "shop/web=10.0.0.7",
    });
    expect(issues.map(({ code }) => code)).toEqual(["pool.reservation-excluded"]);
  });

  test("leaves a pool without these annotations as it is", () => {
    expect(policyOf({ "metallb.io/other": "x" })).toBeUndefined();
  });

  test.each([
    ["10.0.0.5", "10.0.0.5/32"],
    ["10.0.0.5, 10.0.0.6,10.0.0.9", "10.0.0.5-10.0.0.6 10.0.0.9/32"],
    ["10.0.0.8 - 10.0.0.20\n10.0.0.0/28", "10.0.0.0-10.0.0.20"],
    ["2001:db8::/120,10.0.0.1", "10.0.0.1/32 2001:db8::/120"],
    ["10.0.0.128-10.0.1.5", "10.0.0.128-10.0.1.5"],
    [" ", ""],
  ])("reads exclude-addresses %p", (text, ranges) => {
    const policy = policyOf({ "metallb.io/exclude-addresses": text });
    expect(policy?.excluded.map(formatRange).join(" ")).toBe(ranges);
  });

  test("reads reservations in any of their separators, and writes them one a line", () => {
    for (const separator of ["\n", " ", ";", " ; \n"]) {
      const text = ["shop/web=10.0.0.7", "db/pg=2001:db8::7, 10.0.0.8"].join(separator);
      const policy = policyOf({ "metallb.io/reservations": text });
      expect(formatReservations(policy?.reservations ?? [])).toBe(
        "db/pg=10.0.0.8,2001:db8::7\nshop/web=10.0.0.7",
      );
    }
  });

  test("reads what was recorded, and leaves out what does not fit", () => {
    const text = "shop/web=10.0.0.7\nnonsense\nold/one=10.9.9.9\ndb/pg=10.9.9.9,2001:db8::8";
    const { recorded } = policyOf({ "metallb.io/reserved-by-services": text }) as PoolPolicy;
    expect(recorded.map(({ service, addresses }) => [service, ...addresses.map(formatAddress)])).toEqual([
      ["shop/web", "10.0.0.7"],
      ["db/pg", "2001:db8::8"],
    ]);
  });

  test.each([
    ["10m", 600_000],
    ["0", 0],
    ["168h", 604_800_000],
    ["1m30s", 90_000],
  ])("reads reuse-after %p", (text, ms) => {
    expect(policyOf({ "metallb.io/reuse-after": text })?.reuseAfterMs).toBe(ms);
  });

  test.each([
    ["10", { byNamespace: {}, others: 10 }],
    ["team-a=10, *=5", { byNamespace: { "team-a": 10 }, others: 5 }],
    ["team-a=0", { byNamespace: { "team-a": 0 } }],
  ])("reads quota-per-namespace %p", (text, quota) => {
    expect(policyOf({ "metallb.io/quota-per-namespace": text })?.quota).toEqual(quota);
  });

  test.each(["keep", "release"] as const)("reads on-removal %p", (text) => {
    expect(policyOf({ "metallb.io/on-removal": text })?.onRemoval).toBe(text);
  });

  test.each([
    ["exclude-addresses", "10.0.0.x", "pool.exclude-malformed", '"10.0.0.x" is neither a CIDR nor a range'],
    ["exclude-addresses", "10.0.0.9-10.0.0.1", "pool.exclude-malformed", "the start is above the end"],
    [
      "exclude-addresses",
      "10.1.0.0/24",
      "pool.exclude-outside",
      "has no address of the pool (10.0.0.0/24, 2001:db8::/64)",
    ],
    ["reservations", "web=10.0.0.7", "pool.reservation-malformed", "write it as namespace/name=address"],
    ["reservations", "shop/web=ten", "pool.reservation-malformed", '"ten" is not an IP address'],
    [
      "reservations",
      "shop/web=10.0.0.7,10.0.0.8",
      "pool.reservation-malformed",
      "two addresses of one family",
    ],
    [
      "reservations",
      "shop/web=10.1.0.7",
      "pool.reservation-outside",
      "10.1.0.7 is reserved for shop/web, but is not in the pool",
    ],
    ["reservations", "a/b=10.0.0.1 a/b=10.0.0.2", "pool.reservation-duplicate", "a/b stands there twice"],
    ["reuse-after", "ten minutes", "pool.reuse-after-malformed", "write it as 30s, 10m or 1h30m"],
    ["reuse-after", "-1s", "pool.reuse-after-malformed", "is not a duration from 0s to 604800s"],
    ["reuse-after", "169h", "pool.reuse-after-malformed", "is not a duration from 0s to 604800s"],
    [
      "quota-per-namespace",
      "many",
      "pool.quota-malformed",
      "write one number for every namespace, such as 10, or team-a=10,*=5",
    ],
    ["quota-per-namespace", "a=1,a=2", "pool.quota-malformed", "sets a limit that is set already"],
    ["quota-per-namespace", "Team=1", "pool.quota-malformed", '"Team=1" is not a limit'],
    ["on-removal", "Keep", "pool.on-removal-unknown", '"Keep" is neither keep nor release'],
  ])("rejects %s: %p", (name, text, code, words) => {
    const { config, issues } = poolWith({ [`metallb.io/${name}`]: text });
    expect(config.pools).toEqual([]);
    expect(issues).toMatchObject([{ kind: "IPAddressPool", name: "p", code }]);
    expect(issues[0]?.path).toBe(`metadata.annotations["metallb.io/${name}"]`);
    expect(issues[0]?.message).toContain(words);
  });
});
