import { expect, test } from "bun:test";
import { readBunSummary, readSkipped } from "./bun_summary.ts";

test("readBunSummary() counts what bun test counts, to-dos among the skipped", () => {
  const output =
    "(pass) 3 fail\n\n 2 pass\n 3 skip\n 1 todo\n 2 fail\n 1 error\n 9 expect() calls\nRan 8 tests across 2 files.\n";
  expect(readBunSummary(output)).toEqual({ passed: 2, failed: 2, skipped: 4 });
  expect(readBunSummary("\x1b[32m 5 pass\x1b[0m\n 0 fail\n")).toEqual({ passed: 5, failed: 0, skipped: 0 });
});

test("readBunSummary() gives nothing for a run that was cut short", () => {
  expect(readBunSummary("(pass) one\n(pass) two\npanic: Segmentation fault\n")).toBeUndefined();
});

test("readSkipped() names skipped tests, and a group that was skipped whole by its name", async () => {
  const junit = `<testsuites><testsuite name="a_test.ts">
    <testcase name="ok" classname="" />
    <testcase name="x &lt; y" classname="some"><skipped /></testcase>
    <testcase name="z" classname="some" />
    <testcase name="(unnamed)" classname="lab: skipped, no &quot;root&quot;"><skipped /></testcase>
    <testcase name="one" classname="lab: skipped, no &quot;root&quot;"><skipped /></testcase>
    <testcase name="two" classname="lab: skipped, no &quot;root&quot;"><skipped /></testcase>
    <testcase name="later" classname=""><skipped message="TODO" /></testcase>
    <testcase name="bad" classname=""><failure>no</failure></testcase></testsuite></testsuites>`;
  expect(await readSkipped(junit)).toEqual(["later", "some > x < y", 'lab: skipped, no "root" (all 2)']);
});
