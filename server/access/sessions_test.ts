import { describe, expect, test } from "bun:test";
import { Sessions } from "./sessions.ts";

const anna = { username: "anna", groups: [] };
const limits = { idleMs: 100, lifetimeMs: 1_000, sessionsMax: 3 };

describe("Sessions", () => {
  test("an id has 256 bits and is never given twice", () => {
    const sessions = new Sessions();
    const ids = Array.from({ length: 100 }, () => sessions.start(anna, "token", 0).id);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(Buffer.from(id, "base64url").length).toBe(32);
  });

  test("use() finds the session until it has idled for too long", () => {
    const sessions = new Sessions(limits);
    const { id } = sessions.start(anna, "token", 0);
    expect(sessions.use(id, 90)?.identity).toEqual(anna);
    expect(sessions.use(id, 180)?.token).toBe("token");
    expect(sessions.use(id, 281)).toBeUndefined();
    expect(sessions.use(id, 281)).toBeUndefined();
    expect(sessions.size).toBe(0);
  });

  test("no use prolongs it beyond its lifetime", () => {
    const sessions = new Sessions(limits);
    const { id } = sessions.start(anna, "token", 0);
    for (let now = 0; now <= 1_000; now += 50) expect(sessions.use(id, now)).toBeDefined();
    expect(sessions.use(id, 1_001)).toBeUndefined();
  });

  test("beyond the bound the one unused for longest ends", () => {
    const sessions = new Sessions(limits);
    const [first, second] = [1, 2, 3].map((now) => sessions.start(anna, "token", now).id);
    sessions.use(first ?? "", 4);
    sessions.start(anna, "token", 5);
    expect(sessions.size).toBe(3);
    expect(sessions.use(second ?? "", 6)).toBeUndefined();
    expect(sessions.use(first ?? "", 6)).toBeDefined();
  });

  test("end() ends it", () => {
    const sessions = new Sessions();
    const { id } = sessions.start(anna, "token", 0);
    sessions.end(id);
    expect(sessions.use(id, 0)).toBeUndefined();
  });
});
