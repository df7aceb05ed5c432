import { describe, expect, test } from "bun:test";
import { Broadcasts } from "./broadcasts.ts";

const message = (text: string) => new TextEncoder().encode(text);
const texts = (taken: Uint8Array[]) => taken.map((bytes) => new TextDecoder().decode(bytes));

describe("Broadcasts", () => {
  test("sends each piece as often as the ring's size asks, then tells that it is done", () => {
    const broadcasts = new Broadcasts(4);
    let done = 0;
    broadcasts.add("node1", message("hello"), () => void done++);
    for (let sent = 1; sent <= 4; sent++) {
      expect(done).toBe(0);
      expect(texts(broadcasts.take(2, 100, 3))).toEqual(["hello"]);
    }
    expect(done).toBe(1);
    expect(broadcasts.take(2, 100, 3)).toEqual([]);
  });

  test("a newer word about the same member makes the older one void, and that one done", () => {
    const broadcasts = new Broadcasts(4);
    let done = 0;
    broadcasts.add("node1", message("suspect"), () => void done++);
    broadcasts.add("node1", message("alive"));
    expect(done).toBe(1);
    expect(texts(broadcasts.take(2, 100, 3))).toEqual(["alive"]);
  });

  test("takes what was sent least often first, then the largest, then the newest", () => {
    const broadcasts = new Broadcasts(4);
    broadcasts.add("a", message("old"));
    broadcasts.take(0, 100, 3);
    broadcasts.add("b", message("small"));
    broadcasts.add("c", message("largest"));
    broadcasts.add("d", message("other"));
    expect(texts(broadcasts.take(0, 100, 3))).toEqual(["largest", "other", "small", "old"]);
  });

  test("passes over what does not fit, overhead included, and keeps it", () => {
    const broadcasts = new Broadcasts(4);
    broadcasts.add("a", message("0123456789"));
    broadcasts.add("b", message("0123"));
    expect(texts(broadcasts.take(2, 11, 3))).toEqual(["0123"]);
    expect(texts(broadcasts.take(2, 12, 3))).toEqual(["0123456789"]);
    expect(broadcasts.take(2, 0, 3)).toEqual([]);
    expect(broadcasts.length).toBe(2);
  });
});
