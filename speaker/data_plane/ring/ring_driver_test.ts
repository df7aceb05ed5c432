import { afterEach, describe, expect, test } from "bun:test";
import { encodeDatagram } from "#core/membership/ring/mod.ts";
import { MemoryBlock, UdpSocket, udpDestination } from "#io/mod.ts";
import { Problems } from "../problems.ts";
import type { Report } from "../protocol.ts";
import { Authenticator } from "./authenticator.ts";
import { RingDriver } from "./ring_driver.ts";

const host = "127.0.0.1";
const key = new Uint8Array(32).fill(7);

interface Speaker {
  driver: RingDriver;
  reports: Report[];
}

/** Real sockets on loopback, and a clock that only the test moves: what is sent is there before the next look. */
class Loopback {
  now = 1_000;
  readonly speakers = new Map<string, Speaker>();
  #boots = 0;

  start(node: string, withKey = key): Speaker {
    const reports: Report[] = [];
    const clock = { monotonicMs: () => this.now, wallMs: () => 1e12 + this.now };
    const options = {
      node,
      heartbeatAddress: host,
      heartbeatPort: 0,
      heartbeatKey: withKey,
      heartbeatIntervalMs: 150,
      gratuitousRefreshMs: 60_000,
      excludedInterfaces: [],
    };
    const report = (each: Report) => void reports.push(each);
    // There is no gateway on loopback, whatever this machine has.
    const world = { random: () => 0.5, gateways: () => [] };
    const driver = new RingDriver(options, ++this.#boots, clock, report, new Problems(report), world);
    const speaker = { driver, reports };
    this.speakers.set(node, speaker);
    return speaker;
  }

  /** Everybody knows everybody, and who else is named. */
  introduce(...strangers: { node: string; port: number }[]): void {
    const all = [...this.speakers].map(([node, { driver }]) => ({ node, port: driver.port }));
    for (const { driver } of this.speakers.values())
      driver.setPeers(
        [...all, ...strangers].map((each) => ({ ...each, address: host })),
        this.now,
      );
  }

  run(forMs: number): void {
    for (const end = this.now + forMs; this.now < end; this.now += 5)
      for (let turn = 0; turn < 3; turn++)
        for (const { driver } of this.speakers.values()) {
          driver.serve(this.now);
          if (driver.nextDeadline() <= this.now) driver.expire(this.now);
        }
  }

  close(): void {
    for (const { driver } of this.speakers.values()) driver.close();
    this.speakers.clear();
  }
}

const of = <Type extends Report["type"]>({ reports }: Speaker, type: Type) =>
  reports.filter((each): each is Extract<Report, { type: Type }> => each.type === type);
const states = (speaker: Speaker) => of(speaker, "member").map(({ node, state }) => `${node} ${state}`);

let lan = new Loopback();
afterEach(() => {
  lan.close();
  lan = new Loopback();
});

function pair(): [Speaker, Speaker] {
  const both: [Speaker, Speaker] = [lan.start("node1"), lan.start("node2")];
  lan.introduce();
  lan.run(1_200);
  return both;
}

/** Sends bytes to a speaker from a socket of its own. */
function inject({ driver }: Speaker, bytes: Uint8Array): void {
  const socket = new UdpSocket(host, 0);
  const region = new MemoryBlock(2_000).carve(bytes.length);
  region.bytes.set(bytes);
  const to = udpDestination(host, driver.port);
  if (to) socket.send(region, bytes.length, to);
  socket.close();
}

function sealed(payload: Uint8Array, withKey = key): Uint8Array {
  const bytes = new Uint8Array(payload.length + 32);
  return bytes.slice(0, new Authenticator(withKey).seal(payload, bytes));
}
const probe = encodeDatagram({
  node: "node2",
  boot: 77,
  receiverBoot: 1,
  sequence: 1,
  message: { kind: "probe", token: 1, digest: 0 },
});

describe("RingDriver", () => {
  test("two speakers find each other over UDP, settle, and show the ring", () => {
    const [one, two] = pair();
    expect([states(one), states(two)]).toEqual([["node2 alive"], ["node1 alive"]]);
    expect(of(one, "settled")).toHaveLength(1);
    lan.run(2_000);
    expect(of(one, "ring").at(-1)?.ring).toMatchObject({
      isSettled: true,
      watchers: ["node2"],
      targets: ["node2"],
      neverHeard: [],
      members: [{ node: "node2", state: "alive", awareness: 0 }],
    });
    expect(of(one, "problem")).toEqual([]);
  });

  test("the ring's state is reported on changes, and no more than twice a second", () => {
    const [one] = pair();
    lan.run(1_000);
    const before = of(one, "ring").length;
    lan.run(5_000);
    expect(of(one, "ring").length - before).toBeLessThanOrEqual(1);
  });

  test("a death calls the handlers first and is reported after, with its last sign of life", () => {
    const [one, two] = pair();
    const order: string[] = [];
    one.driver.onVerdict((node, why) => order.push(`${node} ${why}, ${states(one).length} reports`));
    two.driver.close();
    lan.speakers.delete("node2");
    lan.run(2_000);
    expect(order).toEqual(["node2 dead, 1 reports"]);
    const report = of(one, "member").at(-1);
    expect(report?.state).toBe("dead");
    expect((report?.at ?? 0) - (report?.lastHeardAt ?? 0)).toBeWithin(600, 700);
  });

  test("a goodbye is told at once, also by one whose socket closes right after it", () => {
    const [one, two] = pair();
    two.driver.leave(lan.now);
    two.driver.close();
    lan.speakers.delete("node2");
    lan.run(10);
    expect(states(one)).toEqual(["node2 alive", "node2 left"]);
  });

  test("facts and what is told arrive; own facts are reported, and the same facts again are nothing new", () => {
    const [one, two] = pair();
    const told: string[] = [];
    two.driver.onTold((node, kind, payload) =>
      told.push(`${node} ${kind} ${new TextDecoder().decode(payload)}`),
    );
    const facts = Uint8Array.of(1, 2, 3);
    one.driver.setFacts(facts, lan.now);
    one.driver.setFacts(facts.slice(), lan.now);
    one.driver.tell("node2", 9, new TextEncoder().encode("offer"), lan.now);
    lan.run(10);
    expect(of(one, "facts")).toEqual([{ type: "facts", node: "node1", facts }]);
    expect(of(two, "facts")).toEqual([{ type: "facts", node: "node1", facts }]);
    expect(told).toEqual(["node1 9 offer"]);
  });

  test("a peer whose port is closed costs no datagram to the others (100 of 100 arrive)", () => {
    const [one, two] = pair();
    const closed = new UdpSocket(host, 0);
    const { port } = closed;
    closed.close();
    lan.introduce({ node: "node3", port });
    lan.run(500);
    const told: number[] = [];
    two.driver.onTold((_, kind) => told.push(kind));
    for (let kind = 0; kind < 100; kind++) {
      // node3 is greeted first: it was never heard, so its run is not known and nothing can be told to it.
      inject(
        one,
        sealed(
          encodeDatagram({
            node: "node3",
            boot: 5,
            receiverBoot: 0,
            sequence: kind + 1,
            message: { kind: "probe", token: 1, digest: 0 },
          }),
        ),
      );
      one.driver.serve(lan.now);
      one.driver.tell("node2", kind, new Uint8Array(1), lan.now);
      two.driver.serve(lan.now);
      lan.now += 40;
    }
    lan.run(10);
    expect(told).toEqual(Array.from({ length: 100 }, (_, kind) => kind));
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["another key", sealed(probe, new Uint8Array(32)), /made with another key/],
    ["no proof", probe, /made with another key/],
    ["another version", sealed(probe.with(2, 1)), /cannot be read: other-version/],
    ["a cut body", sealed(probe.subarray(0, -1)), /cannot be read: short/],
  ])("says once that a datagram came with %s, and is not moved by it", (_, bytes, message) => {
    const [one] = pair();
    for (let count = 0; count < 20; count++) inject(one, bytes);
    lan.run(20);
    expect(of(one, "problem").map((each) => each.message)).toEqual([expect.stringMatching(message)]);
    expect(states(one)).toEqual(["node2 alive"]);
  });

  test("a kind of a newer speaker is no problem, and a stranger's word is nothing", () => {
    const [one] = pair();
    inject(one, sealed(probe.with(3, 200)));
    inject(
      one,
      sealed(
        encodeDatagram({
          node: "stranger",
          boot: 5,
          receiverBoot: 1,
          sequence: 1,
          message: { kind: "welcome", flaps: 9 },
        }),
      ),
    );
    lan.run(20);
    expect(of(one, "problem")).toEqual([]);
    expect(one.driver.flaps).toBe(0);
  });

  test("one that comes back under another port proves itself anew", () => {
    const [one, two] = pair();
    two.driver.close();
    lan.start("node2");
    lan.introduce();
    lan.run(2_500);
    expect(states(one)).toEqual(["node2 alive", "node2 alive"]);
  });
});
