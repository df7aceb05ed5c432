import { expect, test } from "bun:test";
import { createLogger, isLogLevel, type LogLevel } from "./log.ts";

function capture(level: LogLevel) {
  const lines: string[] = [];
  const clock = { wallMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
  const log = createLogger({ level, component: "speaker", write: (line) => lines.push(line), clock });
  return { log, lines };
}

test("createLogger() writes MetalLB's keys first, then the fields, as one JSON line", () => {
  const { log, lines } = capture("info");
  log.with({ node: "node1" }).info("announced", { ip: "192.0.2.1" });
  expect(lines).toEqual([
    '{"ts":"2026-01-02T03:04:05.678Z","level":"info","caller":"speaker","msg":"announced","node":"node1","ip":"192.0.2.1"}\n',
  ]);
});

test.each<[LogLevel, string]>([
  ["all", "debug info warn error"],
  ["debug", "debug info warn error"],
  ["info", "info warn error"],
  ["warn", "warn error"],
  ["error", "error"],
  ["none", ""],
])("at level %s these are written: %s", (level, expected) => {
  const { log, lines } = capture(level);
  for (const each of ["debug", "info", "warn", "error"] as const) log[each]("x");
  expect(lines.map((line) => JSON.parse(line).level).join(" ")).toBe(expected);
});

test("an Error field is written as its message and causes, a bigint as decimal text", () => {
  const { log, lines } = capture("all");
  const error = new Error("cannot dial", { cause: new Error("refused") });
  log.error("failed", { error, size: 2n ** 64n });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    error: "cannot dial: refused",
    size: "18446744073709551616",
  });
});

test("isLogLevel() knows the six levels and nothing else", () => {
  expect(["all", "debug", "info", "warn", "error", "none"].every(isLogLevel)).toBeTrue();
  expect(isLogLevel("trace")).toBeFalse();
});
