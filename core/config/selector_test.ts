import { describe, expect, test } from "bun:test";
import { type LabelSelector, matchesAnySelector, matchesSelector } from "./mod.ts";

const everything: LabelSelector = { matchLabels: {}, matchExpressions: [] };

function expression(
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
  ...values: string[]
): LabelSelector {
  return { matchLabels: {}, matchExpressions: [{ key: "tier", operator, values }] };
}

describe("matchesSelector()", () => {
  test.each([
    ["nothing asked", everything, {}, true],
    ["a label that is there", { ...everything, matchLabels: { tier: "gold" } }, { tier: "gold" }, true],
    ["a label of another value", { ...everything, matchLabels: { tier: "gold" } }, { tier: "blue" }, false],
    ["a label that is missing", { ...everything, matchLabels: { tier: "" } }, {}, false],
    ["In", expression("In", "gold", "blue"), { tier: "blue" }, true],
    ["In, missing", expression("In", "gold"), {}, false],
    ["NotIn", expression("NotIn", "gold"), { tier: "gold" }, false],
    ["NotIn, missing", expression("NotIn", "gold"), {}, true],
    ["Exists", expression("Exists"), { tier: "" }, true],
    ["Exists, missing", expression("Exists"), {}, false],
    ["DoesNotExist", expression("DoesNotExist"), {}, true],
    ["DoesNotExist, there", expression("DoesNotExist"), { tier: "x" }, false],
    [
      "a name of Object.prototype",
      { ...everything, matchExpressions: [{ key: "constructor", operator: "Exists" as const, values: [] }] },
      {},
      false,
    ],
    [
      "both a label and an expression",
      { matchLabels: { a: "1" }, matchExpressions: expression("Exists").matchExpressions },
      { a: "1" },
      false,
    ],
  ])("%s", (_, selector, labels, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  });

  test("matchesAnySelector() of no selectors selects everything", () => {
    expect(matchesAnySelector([], {})).toBe(true);
    expect(matchesAnySelector([expression("Exists"), expression("DoesNotExist")], {})).toBe(true);
    expect(matchesAnySelector([expression("Exists")], {})).toBe(false);
  });
});
