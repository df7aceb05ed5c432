import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BoundedLog } from "./bounded_log.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bounded-log-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const encoder = new TextEncoder();

test("BoundedLog keeps the newest lines and never more than its bound", () => {
  const file = join(directory, "a.log");
  const log = new BoundedLog(file, 2000);
  for (let line = 0; line < 1000; line++) log.write(encoder.encode(`line ${line}\n`));
  log.close();
  const kept = readFileSync(`${file}.1`, "utf8") + readFileSync(file, "utf8");
  expect(kept.length).toBeLessThanOrEqual(2000);
  expect(kept.length).toBeGreaterThan(1000);
  expect(kept).toEndWith("line 998\nline 999\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("lastLines() gives the end, across chunks and beyond a chunk larger than its memory", () => {
  const log = new BoundedLog(join(directory, "b.log"), 100_000);
  expect(log.lastLines(3)).toEqual([""]);
  log.write(encoder.encode("one\ntwo\nthr"));
  log.write(encoder.encode("ee\n"));
  expect(log.lastLines(2)).toEqual(["two", "three"]);
  log.write(encoder.encode(`${"x".repeat(10_000)}\nend\n`));
  expect(log.lastLines(1)).toEqual(["end"]);
  log.close();
});
