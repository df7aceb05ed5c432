import { describe, expect, test } from "bun:test";
import { none, pools } from "./fixtures.ts";
import { type L2Policy, parseConfig } from "./mod.ts";

function parsed(annotations: Record<string, string>) {
  const metadata = { name: "l2", annotations };
  return parseConfig({
    ...none,
    pools,
    l2Advertisements: [{ kind: "L2Advertisement", metadata, spec: {} }],
  });
}

function policyOf(annotations: Record<string, string>): L2Policy | undefined {
  const { config, issues } = parsed(annotations);
  expect(issues).toEqual([]);
  return config.l2Advertisements[0]?.policy;
}

describe("parseL2Policy()", () => {
  test("leaves an advertisement without these annotations as it is", () => {
    expect(policyOf({ "metallb.io/other": "x" })).toBeUndefined();
  });

  test.each([
    ["immediate", 0],
    ["", 0],
    ["0", 0],
    ["never", Number.POSITIVE_INFINITY],
    ["10m", 600_000],
    [" 1h30m ", 5_400_000],
    ["168h", 604_800_000],
  ])("reads failback %p", (text, ms) => {
    expect(policyOf({ "metallb.io/failback": text })).toEqual({
      failbackAfterMs: ms,
      isSpread: false,
      requiresConnectedRoute: false,
      endpointDelayMs: 0,
    });
  });

  test("reads spread and require-connected-route", () => {
    expect(
      policyOf({ "metallb.io/spread": "bounded", "metallb.io/require-connected-route": "true" }),
    ).toEqual({ failbackAfterMs: 0, isSpread: true, requiresConnectedRoute: true, endpointDelayMs: 0 });
    expect(policyOf({ "metallb.io/require-connected-route": "false" })?.requiresConnectedRoute).toBe(false);
  });

  test.each([
    ["2s", 2_000],
    ["1m", 60_000],
    ["0", 0],
    [" 500ms ", 500],
  ])("reads endpoint-delay %p", (text, ms) => {
    expect(policyOf({ "metallb.io/endpoint-delay": text })?.endpointDelayMs).toBe(ms);
  });

  test.each([
    ["metallb.io/endpoint-delay", "soon", "advertisement.endpoint-delay-malformed", "such as 2s"],
    ["metallb.io/endpoint-delay", "61s", "advertisement.endpoint-delay-malformed", "60s"],
    ["metallb.io/endpoint-delay", "-1s", "advertisement.endpoint-delay-malformed", "0s"],
    ["metallb.io/failback", "later", "advertisement.failback-malformed", "such as 30s"],
    ["metallb.io/failback", "-5s", "advertisement.failback-malformed", "such as 30s"],
    ["metallb.io/failback", "169h", "advertisement.failback-malformed", "604800s"],
    ["metallb.io/spread", "even", "advertisement.spread-unknown", "bounded"],
    [
      "metallb.io/require-connected-route",
      "yes",
      "advertisement.connected-route-malformed",
      "true nor false",
    ],
  ])("rejects %s: %p", (name, text, code, allowed) => {
    const { config, issues } = parsed({ [name]: text });
    expect(config.l2Advertisements).toEqual([]);
    expect(issues).toMatchObject([{ kind: "L2Advertisement", name: "l2", code }]);
    expect(issues[0]?.path).toBe(`metadata.annotations["${name}"]`);
    expect(issues[0]?.message).toContain(allowed);
  });
});
