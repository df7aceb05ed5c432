import { describe, expect, test } from "bun:test";
import { clear, Driven, none, port, stateOf } from "./testing.ts";

describe("who is asked answers", () => {
  const ping = {
    type: "ping",
    seqNo: 7,
    sourceAddr: "10.0.0.2",
    sourcePort: 7000,
    sourceNode: "node2",
  } as const;

  test("a ping by an ack to the source it names, else to where it came from; one for another name not at all", () => {
    const one = new Driven(["node2"]);
    one.hear({ ...ping, node: "node1" });
    one.hear({ ...ping, node: "", sourceAddr: "", sourcePort: 0 });
    one.hear({ ...ping, node: "node9" });
    expect(one.sent("ack").map(({ to, message }) => [to, message.seqNo])).toEqual([
      ["10.0.0.2", 7],
      ["10.0.0.99", 7],
    ]);
  });

  const indirect = {
    ...ping,
    type: "indirect-ping",
    target: "10.0.0.3",
    port,
    node: "node3",
    nack: true,
  } as const;

  test("an indirect ping by a ping of its own, whose ack goes back under the first number", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(indirect);
    const [relayed] = one.sent("ping");
    expect(relayed).toMatchObject({ to: "10.0.0.3", message: { node: "node3", sourceNode: "node1" } });
    one.hear({ type: "ack", seqNo: relayed?.message.seqNo ?? 0, payload: none });
    one.run(600);
    expect(one.sent("ack").map(({ to, message }) => [to, message.seqNo])).toEqual([["10.0.0.2", 7]]);
    expect(one.sent("nack")).toEqual([]);
  });

  test("an indirect ping without an answer by a nack after the probe timeout, where one is asked for", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(indirect, { ...indirect, seqNo: 8, nack: false });
    one.run(499);
    expect(one.sent("nack")).toEqual([]);
    one.run(1);
    expect(one.sent("nack").map(({ to, message }) => [to, message.seqNo])).toEqual([["10.0.0.2", 7]]);
  });

  test("a ping over TCP by an ack, a full state by its own as it was before", () => {
    const one = new Driven(["node2"]);
    const { answer } = one.machine.streamReceived({ ...ping, node: "node1" }, one.now);
    expect(answer && clear.streamDecoder(false).push(answer)).toMatchObject({ type: "ack", seqNo: 7 });
    expect(one.machine.streamReceived({ ...ping, node: "node9" }, one.now).answer).toBeUndefined();
    const push = {
      type: "push-pull",
      isJoin: true,
      nodes: [stateOf("node3", "alive")],
      userState: none,
    } as const;
    const exchanged = one.machine.streamReceived(push, one.now);
    const state = exchanged.answer && clear.streamDecoder(false).push(exchanged.answer);
    expect(state).toMatchObject({ type: "push-pull", isJoin: true });
    const names = state && "nodes" in state ? state.nodes.map(({ name }) => name).sort() : [];
    expect(names).toEqual(["node1", "node2"]);
    expect(one.stateOf("node3")).toBe("alive");
  });
});
