import { describe, expect, test } from "bun:test";
import { encodePushPull } from "./message.ts";
import type { PushNodeState } from "./messages.ts";
import { clear, Driven, none, port, stateOf } from "./testing.ts";

describe("full exchanges", () => {
  const exchange = (one: Driven, nodes: PushNodeState[]) =>
    one.machine.streamReceived({ type: "push-pull", isJoin: false, nodes, userState: none }, one.now);

  test("another's dead is only suspected, so that it can deny; another's left is left; another's own record is denied", () => {
    const one = new Driven(["node2", "node3", "node4"]);
    one.do(
      exchange(one, [
        stateOf("node2", "dead"),
        stateOf("node3", "left"),
        stateOf("node4", "suspect"),
        stateOf("node1", "dead", 5),
        stateOf("node5", "dead"),
      ]).actions,
    );
    expect(["node2", "node3", "node4", "node5"].map((node) => one.stateOf(node))).toEqual([
      "suspect",
      "left",
      "suspect",
      undefined,
    ]);
    expect(one.actions.some(({ type }) => type === "refuted")).toBe(true);
  });

  test("a list with somebody who speaks another version is not taken over, and says who", () => {
    const one = new Driven(["node2"]);
    const stranger = { ...stateOf("node3", "alive"), vsn: [6, 7, 6, 0, 0, 0] };
    one.do(exchange(one, [stranger]).actions);
    expect(one.actions.filter(({ type }) => type === "incompatible")).toHaveLength(1);
    expect(one.machine.members().map(({ name }) => name)).toEqual(["node2"]);
  });

  test("join() sends the own state; the answer is taken over, a refusal told, a failure forgotten", () => {
    const one = new Driven([]);
    const stream = () => {
      const [action] = one.machine.join({ address: "10.0.0.2", port });
      if (action?.type !== "stream") throw new Error("no stream");
      return action;
    };
    const first = stream();
    expect(first).toMatchObject({ purpose: "join", timeoutMs: 10_000, to: { address: "10.0.0.2", port } });
    expect(clear.streamDecoder(true).push(first.bytes)).toMatchObject({ type: "push-pull", isJoin: true });
    const state = encodePushPull({
      type: "push-pull",
      isJoin: true,
      nodes: [stateOf("node2", "alive")],
      userState: none,
    });
    const answer = clear.streamDecoder(false).push(state);
    if (answer && "type" in answer) one.do(one.machine.streamAnswered(first.id, answer, one.now));
    expect(one.stateOf("node2")).toBe("alive");
    one.do(one.machine.streamAnswered(stream().id, { type: "error", error: "no" }, one.now));
    expect(one.actions).toContainEqual({ type: "refused", by: { address: "10.0.0.2", port }, error: "no" });
    const failed = stream();
    one.machine.streamFailed(failed.id);
    one.forget();
    one.do(one.machine.streamAnswered(failed.id, { type: "error", error: "late" }, one.now));
    expect(one.actions).toEqual([]);
  });
});
