import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Ipv6Groups } from "./ipv6_groups.ts";

/** On loopback, which has no link-local address and says nothing to any switch. */
const loopback = 1;
const group = (last: number) => Uint8Array.from([0xff, 0x02, ...new Array<number>(12).fill(0), 0x77, last]);
const joined = () =>
  readFileSync("/proc/net/igmp6", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[2] ?? "")
    .filter((text) => text.startsWith("ff02") && text.slice(-4, -2) === "77")
    .map((text) => Number.parseInt(text.slice(-2), 16));
const lacksIpv6 = process.platform !== "linux" || !(await Bun.file("/proc/net/igmp6").exists());

test.skipIf(lacksIpv6)("Ipv6Groups joins and leaves in steps, and leaves all when it is closed", () => {
  const groups = new Ipv6Groups("lo", loopback);
  for (const last of [1, 2, 2, 3]) groups.add(group(last));
  expect(groups.isPending).toBeTrue();
  groups.advance(2);
  expect(joined()).toHaveLength(2);
  groups.advance(2);
  expect(joined().sort()).toEqual([1, 2, 3]);
  expect(groups.isPending).toBeFalse();
  groups.add(group(4));
  for (const last of [1, 2, 3]) groups.drop(group(last));
  groups.add(group(5));
  groups.drop(group(5));
  groups.advance(9);
  expect([...groups.joined()].map((text) => Number.parseInt(text.slice(-2), 16)).sort()).toEqual([2, 4]);
  expect(joined().sort()).toEqual([2, 4]);
  groups.close();
  expect(joined()).toEqual([]);
});

test.skipIf(lacksIpv6)("Ipv6Groups says what it cannot join, and tries it again when it is asked to", () => {
  const groups = new Ipv6Groups("nowhere0", 2 ** 31 - 1);
  groups.add(group(1));
  const attempt = () => groups.advance(9);
  expect(attempt).toThrow("Cannot join an IPv6 group on nowhere0: setsockopt: ENODEV");
  expect(attempt).not.toThrow();
  groups.retry();
  expect(attempt).toThrow("ENODEV");
  groups.close();
});
