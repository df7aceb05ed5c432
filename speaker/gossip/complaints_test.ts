import { describe, expect, test } from "bun:test";
import { WireFault } from "#core/membership/memberlist/mod.ts";
import { type Complaint, Complaints } from "./complaints.ts";

function listening(): { complaints: Complaints; logged: Complaint[] } {
  const logged: Complaint[] = [];
  return { complaints: new Complaints((complaint) => void logged.push(complaint)), logged };
}
const peer = { address: "192.168.1.12", port: 7946 };
const anotherKey = new WireFault("cannot-decrypt", "made with another key, or changed on its way");

describe("Complaints", () => {
  test("says what a fault means and where to look", () => {
    const { complaints } = listening();
    complaints.fault(anotherKey, peer, 1000);
    complaints.fault(new WireFault("not-encrypted", ""), peer, 1000);
    expect(complaints.list(1000).map(({ text }) => text)).toEqual([
      "its messages cannot be decrypted: its secret key is another one than this node's (Secret memberlist, key secretkey)",
      "it speaks in the clear while this node has a secret key: give it the Secret memberlist too (--ml-secret-key-path)",
    ]);
  });

  test("counts what comes again, and logs it once a minute", () => {
    const { complaints, logged } = listening();
    for (const at of [0, 1000, 59_999, 60_000, 61_000]) complaints.fault(anotherKey, peer, at);
    expect(logged.map(({ at, count }) => [at, count])).toEqual([
      [0, 1],
      [60_000, 4],
    ]);
    expect(complaints.list(61_000)).toMatchObject([{ peer: "192.168.1.12", count: 5, at: 61_000 }]);
  });

  test("a fellow that is not up yet is logged only when it still is not at the next try", () => {
    const { complaints, logged } = listening();
    complaints.add("192.168.1.12", "unreachable", "no memberlist answers there", 0);
    expect(logged).toEqual([]);
    complaints.add("192.168.1.12", "unreachable", "no memberlist answers there", 7000);
    expect(logged).toHaveLength(1);
  });

  test("forgets after a join, after three minutes, and the oldest of too many", () => {
    const { complaints } = listening();
    complaints.fault(anotherKey, peer, 0);
    complaints.settled("192.168.1.12");
    expect(complaints.list(0)).toEqual([]);
    for (let host = 0; host < 100; host++)
      complaints.fault(anotherKey, { address: `10.0.0.${host}`, port: 7946 }, host);
    expect(complaints.list(100)).toHaveLength(64);
    expect(complaints.list(100)[0]?.peer).toBe("10.0.0.36");
    expect(complaints.list(181_000)).toEqual([]);
  });
});
