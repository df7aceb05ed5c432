import { expect, test } from "bun:test";
import { gratuitousRefreshMs } from "./open_data_plane.ts";

test("--gratuitous-refresh is a duration of at least a second, or never", () => {
  expect([gratuitousRefreshMs("60s"), gratuitousRefreshMs("5m"), gratuitousRefreshMs("0")]).toEqual([
    60_000,
    300_000,
    Infinity,
  ]);
  for (const wrong of ["", "soon", "100ms", "-1s"]) {
    expect(() => gratuitousRefreshMs(wrong)).toThrow(
      `--gratuitous-refresh "${wrong}" is neither 0 (never) nor a duration of at least 1s, such as 30s or 5m`,
    );
  }
});
