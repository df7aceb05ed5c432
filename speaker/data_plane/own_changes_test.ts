import { expect, test } from "bun:test";
import { OwnChanges } from "./own_changes.ts";

const any = (address: string) => ({ address, interfaces: [] });

test("OwnChanges tells what is new, other and gone, and always something", () => {
  const changes = new OwnChanges();
  expect(changes.take([any("a"), { ...any("b"), isProbed: true }], 7)).toEqual([
    {
      type: "own",
      wanted: [any("a"), { ...any("b"), isProbed: true }],
      unwanted: [],
      isLast: true,
      verdicts: 7,
    },
  ]);
  // That it was to be probed when it was new is no difference now.
  expect(changes.take([any("a"), any("b")], 7)).toEqual([
    { type: "own", wanted: [], unwanted: [], isLast: true, verdicts: 7 },
  ]);
  const yielding = { ...any("a"), yieldingTo: "node2" };
  expect(changes.take([yielding], 7)).toEqual([
    { type: "own", wanted: [yielding], unwanted: ["b"], isLast: true, verdicts: 7 },
  ]);
  const moved = { ...yielding, interfaces: ["eth1"] };
  expect(changes.take([moved], 7)[0]?.wanted).toEqual([moved]);
});

test("OwnChanges cuts a large change into pieces, of which one is the last", () => {
  const changes = new OwnChanges();
  const many = Array.from({ length: 1_000 }, (_, index) => any(`${index}`));
  const pieces = changes.take(many, 7);
  expect(pieces.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  expect(pieces.every(({ verdicts }) => verdicts === 7)).toBeTrue();
  expect(pieces.flatMap(({ wanted }) => wanted)).toEqual(many);
  const gone = changes.take([], 7);
  expect(gone.flatMap(({ unwanted }) => unwanted)).toHaveLength(1_000);
  expect(gone.every(({ wanted }) => wanted.length === 0)).toBeTrue();
});
