import { describe, expect, test } from "bun:test";
import { Bench } from "./fixtures.ts";
import { diagnosticName, type SessionState, sessionStates } from "./names_table.ts";

/** RFC 5880 §6.8.6, by hand: what each state becomes when each state is received, and LocalDiag where it changes. */
const expected: [SessionState, SessionState, SessionState, string?][] = [
  ["AdminDown", "AdminDown", "AdminDown"],
  ["AdminDown", "Down", "AdminDown"],
  ["AdminDown", "Init", "AdminDown"],
  ["AdminDown", "Up", "AdminDown"],
  ["Down", "AdminDown", "Down"],
  ["Down", "Down", "Init"],
  ["Down", "Init", "Up"],
  ["Down", "Up", "Down"],
  ["Init", "AdminDown", "Down", "Neighbor Signaled Session Down"],
  ["Init", "Down", "Init"],
  ["Init", "Init", "Up"],
  ["Init", "Up", "Up"],
  ["Up", "AdminDown", "Down", "Neighbor Signaled Session Down"],
  ["Up", "Down", "Down", "Neighbor Signaled Session Down"],
  ["Up", "Init", "Up"],
  ["Up", "Up", "Up"],
];

function inState(state: SessionState): Bench {
  if (state === "Up") return Bench.up();
  const bench = new Bench();
  if (state === "Init") bench.hear({ state: "Down" });
  if (state === "AdminDown") bench.apply({ type: "disable" });
  bench.take();
  return bench;
}

describe("a received state (RFC 5880 §6.8.6)", () => {
  test("every pair is in the table once", () => {
    expect(new Set(expected.map(([own, received]) => `${own} ${received}`)).size).toBe(
      sessionStates.length ** 2,
    );
  });

  test.each(expected.map((row) => ({ row, name: row.join(", ") })))(
    "$name",
    ({ row: [own, received, next, diag] }) => {
      const bench = inState(own);
      expect(bench.state).toBe(own);
      bench.hear({ state: received });
      expect(bench.state).toBe(next);
      expect(bench.session.bfd.RemoteSessionState).toBe(received);
      if (diag) expect(diagnosticName(bench.session.bfd.LocalDiag)).toBe(diag);
      const moves = bench.take().filter(({ type }) => type === "state");
      expect(moves).toEqual(own === next ? [] : [{ type: "state", from: own, to: next }]);
    },
  );

  test("AdminDown says why, and coming back begins at Down", () => {
    const bench = Bench.up();
    bench.apply({ type: "disable" });
    expect(bench.sent()).toMatchObject([{ state: "AdminDown", diag: 7 }]);
    bench.apply({ type: "enable" });
    expect(bench.sent()).toMatchObject([{ state: "Down", diag: 0 }]);
  });
});
