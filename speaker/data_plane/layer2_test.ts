import { describe, expect, test } from "bun:test";
import { defaultGratuitousTiming, encodeHandover, handoverKind } from "#core/l2/mod.ts";
import { Layer2 } from "./layer2.ts";
import { Problems } from "./problems.ts";

const address = "192.168.1.240";
const bytes = Uint8Array.of(192, 168, 1, 240);
const standby = [{ address, interfaces: [], behind: "node2" }];
const owned = (more: object = {}) => ({ address, interfaces: [], ...more });

/** A worker's layer 2 on a node without an interface: what it would answer for. */
function worker() {
  const layer2 = new Layer2({
    clock: { monotonicMs: () => 0, wallMs: () => 0 } as never,
    report: () => {},
    problems: new Problems(() => {}),
    timing: defaultGratuitousTiming,
    teller: { tell: () => {} },
    portsChanged: () => {},
    random: () => 0,
  });
  const own = (wanted: object[], now: number, verdicts = 0, unwanted: string[] = []) =>
    layer2.own({ wanted: wanted as never, unwanted, isLast: true, verdicts }, now);
  const offer = (from: string, now: number) =>
    layer2.told(from, handoverKind.offer, encodeHandover([bytes])[0] as Uint8Array, now);
  const isAnswered = () => layer2.owned.find(address)?.isAnswered;
  return { layer2, own, offer, isAnswered };
}

describe("an address that was taken over by the verdict of the ring", () => {
  test("survives whatever was decided before the main thread heard of it", () => {
    const { layer2, own, isAnswered } = worker();
    layer2.setStandby(standby);
    layer2.lost("node2", "dead", 0);
    own([], 10, 0);
    expect(isAnswered()).toBeTrue();
    own([owned()], 20, 1);
    own([], 30, 1);
    expect(isAnswered()).toBeTrue();
  });

  test("is given up when the decision that heeds the verdict does not want it", () => {
    const { layer2, own, isAnswered } = worker();
    layer2.lost("node7", "dead", 0);
    layer2.setStandby(standby);
    layer2.lost("node2", "left", 0);
    own([], 10, 1);
    expect(isAnswered()).toBeTrue();
    own([], 20, 2);
    expect(isAnswered()).toBeUndefined();
  });
});

describe("an address that is asked for before its first use", () => {
  test("is taken at once when a fellow that has it gives it away", () => {
    const { layer2, own, offer, isAnswered } = worker();
    own([owned({ isProbed: true })], 0);
    layer2.expire(0);
    expect(isAnswered()).toBeFalse();
    offer("node2", 50);
    expect(isAnswered()).toBeTrue();
    // The new owner is in office: a further offer changes nothing.
    offer("node2", 150);
    expect(isAnswered()).toBeTrue();
  });

  test("is not taken from a fellow by a node that does not want it", () => {
    const { offer, isAnswered } = worker();
    offer("node2", 0);
    expect(isAnswered()).toBeUndefined();
  });
});
