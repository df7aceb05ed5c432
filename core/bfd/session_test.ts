import { describe, expect, test } from "bun:test";
import { nextDeadline } from "./expire.ts";
import { Bench } from "./fixtures.ts";
import { detectionTime, transmitInterval, withJitter } from "./timing.ts";

describe("transmission (RFC 5880 §6.8.3, §6.8.7)", () => {
  test("begins at once, and goes on once a second until the session is up", () => {
    const bench = new Bench();
    expect(bench.sent()).toMatchObject([
      { state: "Down", yourDiscriminator: 0, desiredMinTxInterval: 1_000_000 },
    ]);
    expect(nextDeadline(bench.session)).toBeCloseTo(1_000, 3);
    bench.at(999);
    expect(bench.sent()).toEqual([]);
    bench.at(1_000);
    expect(bench.sent()).toHaveLength(1);
  });

  test("when up, speaks at the slower of what it wants and what the peer takes", () => {
    const quick = Bench.up({ desiredMinTxIntervalMs: 50 }, { requiredMinRxInterval: 70_000 });
    expect(transmitInterval(quick.session)).toBe(70_000);
    const slow = Bench.up({ desiredMinTxIntervalMs: 90 }, { requiredMinRxInterval: 70_000 });
    expect(transmitInterval(slow.session)).toBe(90_000);
  });

  test("going up does not wait for the slow timer", () => {
    const bench = new Bench();
    bench.hear({ state: "Down" });
    bench.now = 10;
    bench.hear({ state: "Init" });
    expect(bench.sent().at(-1)).toMatchObject({ state: "Up", poll: true, desiredMinTxInterval: 50_000 });
    expect(nextDeadline(bench.session)).toBeLessThanOrEqual(60);
  });

  test("jitter takes up to a quarter, and with Detect Mult 1 a tenth at least", () => {
    for (const random of [0, 0.5, 1 - Number.EPSILON]) {
      expect(withJitter(1_000, 3, () => random)).toBeWithin(750, 1_000.001);
      expect(withJitter(1_000, 1, () => random)).toBeWithin(750, 900.001);
    }
    expect(withJitter(1_000, 3, () => 0)).toBe(750);
    expect(withJitter(1_000, 1, () => 1 - Number.EPSILON)).toBeCloseTo(900);
  });

  test("a peer that wants no packets gets none but answers", () => {
    const bench = Bench.up({}, { requiredMinRxInterval: 0 });
    bench.at(100);
    expect(bench.sent()).toEqual([]);
    bench.hear({ state: "Up", requiredMinRxInterval: 0, poll: true });
    expect(bench.sent()).toMatchObject([{ final: true, poll: false }]);
  });

  test("a shorter interval that the peer allows is honoured from the packet before", () => {
    const bench = Bench.up({}, { requiredMinRxInterval: 500_000, desiredMinTxInterval: 500_000 });
    bench.at(500);
    expect(bench.sent()).toHaveLength(1);
    bench.now = 520;
    bench.hear({ state: "Up", requiredMinRxInterval: 50_000 });
    expect(nextDeadline(bench.session)).toBeCloseTo(550, 3);
  });

  test("the passive role says nothing to whom it does not know (§6.1)", () => {
    const bench = new Bench({ isPassive: true });
    bench.at(5_000);
    expect(bench.sent()).toEqual([]);
    bench.hear({ state: "Down", yourDiscriminator: 0 });
    expect(bench.sent()).toMatchObject([{ state: "Init", yourDiscriminator: 7 }]);
    bench.at(5_150);
    bench.take();
    bench.at(60_000);
    expect(bench.sent()).toEqual([]);
    expect(bench.state).toBe("Down");
  });

  test("a peer in Demand mode is not sent periodic packets, except Polls (§6.6)", () => {
    const bench = Bench.up({}, { demand: true, detectMult: 100 });
    bench.at(100);
    expect(bench.sent()).toEqual([]);
    expect(bench.session.transmitAt).toBeUndefined();
    bench.apply({
      type: "parameters",
      parameters: { ...bench.session.parameters, desiredMinTxIntervalMs: 60 },
    });
    expect(bench.sent()).toMatchObject([{ poll: true }]);
    bench.at(170);
    expect(bench.sent()).toMatchObject([{ poll: true }]);
    bench.hear({ state: "Up", demand: true, detectMult: 100, final: true });
    bench.at(400);
    expect(bench.sent()).toEqual([]);
  });
});

describe("detection (RFC 5880 §6.8.4)", () => {
  test("takes the peer's Detect Mult times the slower of the peer's pace and ours", () => {
    expect(detectionTime(Bench.up({ requiredMinRxIntervalMs: 30 }, { detectMult: 5 }).session)).toBe(250_000);
    expect(detectionTime(Bench.up({ requiredMinRxIntervalMs: 80 }, { detectMult: 4 }).session)).toBe(320_000);
    expect(detectionTime(new Bench().session)).toBeUndefined();
  });

  test("silence takes the session down, says why, and forgets the peer's discriminator", () => {
    const bench = Bench.up();
    bench.at(149);
    expect(bench.state).toBe("Up");
    bench.take();
    bench.at(150);
    expect(bench.state).toBe("Down");
    expect(bench.session.bfd).toMatchObject({ RemoteDiscr: 0, LocalDiag: 1 });
    expect(bench.sent()).toMatchObject([
      { state: "Down", diag: 1, yourDiscriminator: 0, desiredMinTxInterval: 1_000_000 },
    ]);
  });

  test("a peer that wanted no packets is called again once it is lost", () => {
    const bench = Bench.up({}, { requiredMinRxInterval: 0 });
    bench.at(150);
    bench.take();
    bench.at(1_150);
    expect(bench.sent()).toMatchObject([{ state: "Down", yourDiscriminator: 0 }]);
  });

  test("every packet puts it off", () => {
    const bench = Bench.up();
    for (let now = 100; now < 2_000; now += 100) {
      bench.now = now;
      bench.hear({ state: "Up" });
      bench.at(now + 99);
    }
    expect(bench.state).toBe("Up");
  });

  test("a peer heard while AdminDown is forgotten too, or one that restarts as passive would never be found", () => {
    const bench = new Bench();
    bench.apply({ type: "disable" });
    bench.hear({ state: "Down" });
    expect(bench.session.bfd.RemoteDiscr).toBe(7);
    bench.at(200);
    expect(bench.session.bfd).toMatchObject({ RemoteDiscr: 0, SessionState: "AdminDown" });
  });

  test("Init that is not answered goes back to Down", () => {
    const bench = new Bench();
    bench.hear({ state: "Down", desiredMinTxInterval: 1_000_000 });
    expect(bench.state).toBe("Init");
    bench.at(2_999);
    expect(bench.state).toBe("Init");
    bench.at(3_000);
    expect(bench.state).toBe("Down");
  });
});

describe("Poll Sequences (RFC 5880 §6.5, §6.8.3)", () => {
  const change = (bench: Bench, change: object) =>
    bench.apply({ type: "parameters", parameters: { ...bench.session.parameters, ...change } });

  test("a Poll is answered at once with Final, and never with both", () => {
    const bench = Bench.up();
    change(bench, { desiredMinTxIntervalMs: 60 });
    bench.take();
    bench.hear({ state: "Up", poll: true });
    expect(bench.sent()).toMatchObject([{ final: true, poll: false }]);
  });

  test("speaking more seldom waits for the peer's Final", () => {
    const bench = Bench.up();
    change(bench, { desiredMinTxIntervalMs: 400 });
    expect(bench.sent()).toMatchObject([{ poll: true, desiredMinTxInterval: 400_000 }]);
    expect(transmitInterval(bench.session)).toBe(50_000);
    bench.hear({ state: "Up", final: true });
    expect(transmitInterval(bench.session)).toBe(400_000);
    bench.at(50);
    expect(bench.sent()).toMatchObject([{ poll: false }]);
  });

  test("speaking more often does not", () => {
    const bench = Bench.up({ desiredMinTxIntervalMs: 400 }, { requiredMinRxInterval: 10_000 });
    change(bench, { desiredMinTxIntervalMs: 20 });
    expect(transmitInterval(bench.session)).toBe(20_000);
  });

  test("hearing more often waits: until then the old Detection Time holds", () => {
    const bench = Bench.up({ requiredMinRxIntervalMs: 400 });
    expect(detectionTime(bench.session)).toBe(1_200_000);
    change(bench, { requiredMinRxIntervalMs: 50 });
    expect(detectionTime(bench.session)).toBe(1_200_000);
    bench.hear({ state: "Up", final: true });
    expect(detectionTime(bench.session)).toBe(150_000);
  });

  test("hearing more seldom does not", () => {
    const bench = Bench.up();
    change(bench, { requiredMinRxIntervalMs: 400 });
    expect(detectionTime(bench.session)).toBe(1_200_000);
  });

  test("a change during a sequence begins another, after a packet without the bit", () => {
    const bench = Bench.up();
    change(bench, { desiredMinTxIntervalMs: 400 });
    change(bench, { desiredMinTxIntervalMs: 300 });
    bench.take();
    bench.hear({ state: "Up", final: true });
    expect(transmitInterval(bench.session)).toBe(50_000);
    bench.at(50);
    expect(bench.sent()).toMatchObject([{ poll: false }]);
    bench.hear({ state: "Up", final: true });
    bench.at(100);
    expect(bench.sent()).toMatchObject([{ poll: true, desiredMinTxInterval: 300_000 }]);
    bench.hear({ state: "Up", final: true });
    expect(transmitInterval(bench.session)).toBe(300_000);
  });

  test("no change of parameters takes the session down", () => {
    const bench = Bench.up();
    change(bench, {
      desiredMinTxIntervalMs: 10,
      requiredMinRxIntervalMs: 10,
      detectMult: 2,
      isPassive: true,
    });
    expect(bench.take().filter(({ type }) => type === "state")).toEqual([]);
    expect(bench.state).toBe("Up");
  });
});
