import { describe, expect, test } from "bun:test";
import {
  confirmationsWanted,
  pushPullIntervalMs,
  retransmitLimit,
  suspicionLastsMs,
  suspicionTimeoutMs,
} from "./mod.ts";

describe("memberlist's arithmetic", () => {
  test.each([
    [1, 4000],
    [5, 4000],
    [10, 4000],
    [50, 6792],
    [100, 8000],
    [500, 10_792],
    [1000, 12_000],
  ])("suspicionTimeoutMs() of %i members on a LAN is %i", (members, ms) => {
    expect(suspicionTimeoutMs(4, members, 1000)).toBe(ms);
  });

  test.each([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 2],
    [100, 2],
  ])("confirmationsWanted() among %i members on a LAN is %i", (members, wanted) => {
    expect(confirmationsWanted(4, members)).toBe(wanted);
  });

  /** Lifeguard's curve with k = 3, 2 s and 30 s, as memberlist's own documentation of it has it. */
  test.each([
    [0, 30_000],
    [1, 16_000],
    [2, 7810],
    [3, 2000],
    [4, 2000],
    [10, 2000],
  ])("suspicionLastsMs() with %i of 3 confirmations is %i", (confirmations, ms) => {
    expect(suspicionLastsMs(confirmations, 3, 2000, 30_000)).toBe(ms);
  });

  test("suspicionLastsMs() is the shortest at once where no confirmation can come", () => {
    expect(suspicionLastsMs(0, 0, 2000, 30_000)).toBe(2000);
  });

  test.each([
    [0, 0],
    [1, 4],
    [9, 4],
    [10, 8],
    [99, 8],
    [100, 12],
    [1000, 16],
  ])("retransmitLimit() among %i members is %i", (members, limit) => {
    expect(retransmitLimit(4, members)).toBe(limit);
  });

  test.each([
    [1, 1],
    [32, 1],
    [33, 2],
    [64, 2],
    [65, 3],
    [128, 3],
    [1000, 6],
  ])("pushPullIntervalMs() among %i members is %i times the interval", (members, times) => {
    expect(pushPullIntervalMs(30_000, members)).toBe(times * 30_000);
  });
});
