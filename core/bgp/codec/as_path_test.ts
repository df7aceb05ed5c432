import { expect, test } from "bun:test";
import { type AsPath, formatAsPath, mergeAs4Path } from "./as_path.ts";

const sequence = (...asns: number[]) => ({ type: "AS_SEQUENCE" as const, asns });
const set = (...asns: number[]) => ({ type: "AS_SET" as const, asns });
const confederation = (...asns: number[]) => ({ type: "AS_CONFED_SEQUENCE" as const, asns });

test.each<[string, AsPath, AsPath, string]>([
  ["equal lengths: AS4_PATH", [sequence(1, 2)], [sequence(10, 20)], "10 20"],
  ["longer: its head stays", [sequence(1, 2, 3)], [sequence(20, 30)], "1 20 30"],
  ["shorter: AS4_PATH is ignored", [sequence(1)], [sequence(10, 20)], "1"],
  ["a set counts as one", [sequence(1), set(2, 3), sequence(4)], [sequence(40)], "1 {2,3} 40"],
  [
    "confederation segments stay and do not count",
    [confederation(9), sequence(1, 2)],
    [sequence(20)],
    "(9) 1 20",
  ],
  ["a set in AS4_PATH", [sequence(1, 2, 3)], [set(20, 30)], "1 2 {20,30}"],
])("mergeAs4Path(): %s", (_, path, as4Path, words) => {
  expect(formatAsPath(mergeAs4Path(path, as4Path))).toBe(words);
});

test("mergeAs4Path() makes no segment of more than 255 AS numbers", () => {
  const long = Array.from({ length: 255 }, (_, index) => index + 1);
  const merged = mergeAs4Path([sequence(7), sequence(...long)], [sequence(...long)]);
  expect(merged.map(({ asns }) => asns.length)).toEqual([1, 255]);
});
