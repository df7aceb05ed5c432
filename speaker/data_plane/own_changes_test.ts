import { expect, test } from "bun:test";
import { OwnChanges } from "./own_changes.ts";

const any = (address: string) => ({ address, interfaces: [] });

test("OwnChanges tells what is new, other and gone, and always something", () => {
  const changes = new OwnChanges();
  expect(changes.take([any("a"), { ...any("b"), isProbed: true }])).toEqual([
    { type: "own", wanted: [any("a"), { ...any("b"), isProbed: true }], unwanted: [], isLast: true },
  ]);
  // That it was to be probed when it was new is no difference now.
  expect(changes.take([any("a"), any("b")])).toEqual([
    { type: "own", wanted: [], unwanted: [], isLast: true },
  ]);
  const yielding = { ...any("a"), yieldingTo: "node2" };
  expect(changes.take([yielding])).toEqual([
    { type: "own", wanted: [yielding], unwanted: ["b"], isLast: true },
  ]);
  const moved = { ...yielding, interfaces: ["eth1"] };
  expect(changes.take([moved])[0]?.wanted).toEqual([moved]);
});

test("OwnChanges cuts a large change into pieces, of which one is the last", () => {
  const changes = new OwnChanges();
  const many = Array.from({ length: 1_000 }, (_, index) => any(`${index}`));
  const pieces = changes.take(many);
  expect(pieces.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  expect(pieces.flatMap(({ wanted }) => wanted)).toEqual(many);
  const gone = changes.take([]);
  expect(gone.flatMap(({ unwanted }) => unwanted)).toHaveLength(1_000);
  expect(gone.every(({ wanted }) => wanted.length === 0)).toBeTrue();
});
