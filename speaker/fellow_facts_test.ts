import { describe, expect, test } from "bun:test";
import { encodeSpeakerFacts, type SpeakerFacts } from "#core/announce/mod.ts";
import { FellowFacts, factsGraceMs } from "./fellow_facts.ts";

const facts = (flaps = 0): SpeakerFacts => ({
  interfaces: [{ name: "eth0", connected: [] }],
  isTruncated: false,
  stableSince: 100,
  flaps,
  isAnswering: true,
});
const alive = { isAlive: true, isCapable: true };
const dead = { isAlive: false, isCapable: true };
const bytes = (flaps = 0) => encodeSpeakerFacts(facts(flaps));

function ring() {
  const fellows = new FellowFacts("node1");
  fellows.heard("node1", bytes());
  return fellows;
}

describe("FellowFacts", () => {
  test("gives what a speaker said, and tells news from repetition", () => {
    const fellows = ring();
    expect(fellows.heard("node2", bytes())).toBe(true);
    expect(fellows.of("node2", alive, 0)).toEqual(facts());
    expect(fellows.heard("node2", bytes())).toBe(false);
    expect(fellows.heard("node2", bytes(3))).toBe(true);
    expect(fellows.of("node2", alive, 0)?.flaps).toBe(3);
  });

  test("names the fault of words it cannot read, and keeps what was said before", () => {
    const fellows = ring();
    fellows.heard("node2", bytes());
    expect(fellows.heard("node2", new Uint8Array([9]))).toBe("version");
    expect(fellows.of("node2", alive, 0)).toEqual(facts());
  });

  test("a speaker that comes back counts as just started until it speaks", () => {
    const fellows = ring();
    fellows.heard("node2", bytes(1));
    expect(fellows.of("node2", dead, 1_000)?.flaps).toBe(1);
    expect(fellows.of("node2", alive, 200_000)).toEqual({ ...facts(1), stableSince: 200 });
    expect(fellows.nextDeadline(200_000)).toBe(200_000 + factsGraceMs);
    expect(fellows.heard("node2", bytes(1))).toBe(true);
    expect(fellows.nextDeadline(200_000)).toBeUndefined();
    expect(fellows.of("node2", alive, 200_001)).toEqual(facts(1));
  });

  test("where one that comes back has nothing new to say, its last words hold again", () => {
    const fellows = ring();
    fellows.heard("node2", bytes(1));
    fellows.of("node2", dead, 1_000);
    fellows.of("node2", alive, 200_000);
    expect(fellows.of("node2", alive, 200_000 + factsGraceMs)).toEqual(facts(1));
    expect(fellows.nextDeadline(200_000 + factsGraceMs)).toBeUndefined();
  });

  test("a new one is taken for able and just started, so that nobody else's place depends on its first words", () => {
    const fellows = ring();
    expect(fellows.of("node2", alive, 5_000)).toEqual({
      interfaces: [],
      isTruncated: true,
      stableSince: 5,
      flaps: 0,
      isAnswering: true,
    });
    expect(fellows.of("node2", alive, 5_000 + factsGraceMs)).toBeUndefined();
  });

  test("MetalLB's speaker is not waited for, even where ours ran before", () => {
    const fellows = ring();
    fellows.heard("node2", bytes());
    fellows.of("node2", dead, 1_000);
    expect(fellows.of("node2", { isAlive: true, isCapable: false }, 2_000)).toBeUndefined();
  });

  test("without a ring nobody is awaited", () => {
    expect(new FellowFacts("node1").of("node2", alive, 5_000)).toBeUndefined();
  });
});
