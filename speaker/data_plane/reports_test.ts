import { expect, test } from "bun:test";
import { OwnedTable } from "#core/l2/mod.ts";
import { Layer2Reports } from "./layer2_reports.ts";
import { Problems } from "./problems.ts";
import type { Report } from "./protocol.ts";

const clock = { monotonicMs: () => 0, wallMs: () => 1_700_000_000_000 };
const eth0 = { index: 2, name: "eth0", macText: "02:00:00:00:00:01" };
const eth1 = { index: 3, name: "eth1", macText: "02:00:00:00:00:02" };

function setUp() {
  const said: Report[] = [];
  const owned = new OwnedTable();
  const entry = owned.set("192.0.2.1", [])?.entry;
  if (!entry) throw new Error("nothing owned");
  return { said, owned, entry, reports: new Layer2Reports(clock, (report) => said.push(report)) };
}

test("Layer2Reports tells of an announcement once for each interface and each MAC of it", () => {
  const { said, entry, reports } = setUp();
  for (const port of [eth0, eth0, eth1, eth0]) reports.announced(entry, port);
  reports.announced(entry, { ...eth0, macText: "02:00:00:00:00:09" });
  reports.forgetInterface(eth0.index, "ipv6");
  reports.announced(entry, { ...eth0, macText: "02:00:00:00:00:09" });
  reports.forgetInterface(eth1.index, "ipv4");
  reports.announced(entry, eth1);
  reports.forget(entry);
  reports.announced(entry, eth0);
  const macs = said.map((report) => report.type === "announced" && report.interfaces.map(({ mac }) => mac));
  expect(macs).toEqual([
    ["02:00:00:00:00:01"],
    ["02:00:00:00:00:01", "02:00:00:00:00:02"],
    ["02:00:00:00:00:09", "02:00:00:00:00:02"],
    ["02:00:00:00:00:09", "02:00:00:00:00:02"],
    ["02:00:00:00:00:01"],
  ]);
});

test("Layer2Reports gives the counters at most twice a second, and only when one changed", () => {
  const { said, owned, entry, reports } = setUp();
  expect(reports.nextDeadline()).toBe(Infinity);
  entry.requests = 1;
  reports.counted(entry);
  reports.expire(owned, 1_000);
  expect(said).toEqual([
    {
      type: "counters",
      addresses: [{ address: "192.0.2.1", requests: 1, responses: 0, gratuitous: 0 }],
    },
  ]);
  reports.counted(entry);
  expect(reports.nextDeadline()).toBe(1_500);
  reports.expire(owned, 1_499);
  expect(said).toHaveLength(1);
  reports.expire(owned, 1_500);
  expect(said).toHaveLength(2);
  expect(reports.nextDeadline()).toBe(Infinity);
});

test("Problems says the same thing once in ten seconds", () => {
  const said: Report[] = [];
  const problems = new Problems((report) => said.push(report));
  for (const now of [0, 9_999, 10_000]) problems.say("link is down", now);
  problems.say("another", 10_001);
  expect(said.map((report) => report.type === "problem" && report.message)).toEqual([
    "link is down",
    "link is down",
    "another",
  ]);
});
