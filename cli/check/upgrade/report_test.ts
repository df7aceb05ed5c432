import { describe, expect, test } from "bun:test";
import { finding } from "./finding.ts";
import { reportJson, reportText } from "./report.ts";
import { findingTexts } from "./texts.ts";

const placeholders = (texts: readonly (string | undefined)[]) =>
  texts.map((text) => [...new Set((text ?? "").match(/\{\w+\}/g))].sort());

test("every finding says in both languages the same, and whoever must act is told how", () => {
  for (const [code, { verdict, en, ko }] of Object.entries(findingTexts)) {
    expect([code, placeholders(ko)]).toEqual([code, placeholders(en)]);
    expect([code, en.length]).toEqual([code, verdict === "ok" ? 1 : 2]);
  }
});

describe("reportText()", () => {
  const findings = [
    finding("service.ok", { count: 3 }),
    finding("service.moves", { service: "a/b", has: "10.0.0.1", wants: "10.0.0.2", why: "so" }),
    finding("ring.off"),
  ];

  test("marks each finding, tells what to do below it, and counts", () => {
    const { text, mustAct } = reportText(findings, "lb", {});
    expect(mustAct).toBe(true);
    expect(text.split("\n").slice(0, 5)).toEqual([
      "Replacing MetalLB in namespace lb",
      "",
      "✓ OK        service: 3 Services of type LoadBalancer keep the addresses they have",
      "✗ must act  service: a/b would move from 10.0.0.1 to 10.0.0.2: so",
      "            → put its address into a pool, or let the Service ask for another one, before the swap",
    ]);
    expect(text.split("\n").at(-1)).toBe("1 to act upon, 1 to know, 1 in order");
    expect(reportText(findings.slice(0, 1), "lb", {}).mustAct).toBe(false);
  });

  test("speaks the user's language", () => {
    expect(reportText(findings, "lb", { LANG: "ko_KR.UTF-8" }).text).toContain("조치 필요");
  });
});

test("reportJson() gives codes, values and sentences", () => {
  const { counts, findings } = JSON.parse(reportJson([finding("service.ok", { count: 3 })], "lb"));
  expect(counts).toEqual({ ok: 1, note: 0, act: 0 });
  expect(findings).toEqual([
    {
      verdict: "ok",
      area: "service",
      code: "service.ok",
      values: { count: 3 },
      found: "3 Services of type LoadBalancer keep the addresses they have",
    },
  ]);
});
