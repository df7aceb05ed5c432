import { describe, expect, test } from "bun:test";
import { statusOf } from "./status.ts";

const [earlier, now] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"];
const type = "poolReconcilerValid";

describe("statusOf()", () => {
  test.each([
    ["Valid", { issues: [] }, "True", "Reconciled", ""],
    ["Invalid", { issues: ["one", "two"] }, "False", "ConfigurationError", "configuration error: one\ntwo"],
    ["Unknown", { issues: [], unknown: "cannot list" }, "Unknown", "InfraError", "cannot list"],
    [
      "Invalid",
      { issues: ["one"], unknown: "cannot list" },
      "False",
      "ConfigurationError",
      "configuration error: one",
    ],
  ] as const)("%s from %j", (result, verdict, status, reason, message) => {
    expect(statusOf(verdict, type, undefined, now)).toEqual({
      result,
      errorSummary: message,
      conditions: [{ type, status, reason, message, lastTransitionTime: now }],
    });
  });

  test("the transition is when the status last changed, not when another message came", () => {
    const first = statusOf({ issues: ["one"] }, type, undefined, earlier);
    expect(statusOf({ issues: ["two"] }, type, first, now).conditions[0]?.lastTransitionTime).toBe(earlier);
    expect(statusOf({ issues: [] }, type, first, now).conditions[0]?.lastTransitionTime).toBe(now);
  });

  test("a message ends at the limit of metav1.Condition", () => {
    const { conditions } = statusOf({ issues: ["x".repeat(40_000)] }, type, undefined, now);
    expect(conditions[0]?.message.length).toBe(32_768);
  });
});
