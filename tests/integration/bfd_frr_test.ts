import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BfdFrrLab } from "./harness/bfd_frr_lab.ts";
import { bfdSettings } from "./harness/bfd_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bfdd", "zebra", "bgpd");
const group = reason ? `BFD against FRR: skipped, ${reason}` : "BFD against FRR";

setDefaultTimeout(30_000);

let lab: BfdFrrLab;
beforeAll(() => {
  if (!reason) lab = new BfdFrrLab("bfdfrr");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** How FRR names us on the link. */
const onLink = "10.99.0.8 local-address 10.99.0.3 interface eth0";

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv4 and IPv6, one hop: up, the agreed intervals, down when FRR falls silent, up again", async () => {
    lab.start([onLink, "fd99::8 local-address fd99::3 interface eth0"]);
    await lab.speaker.set(
      bfdSettings({ address: "10.99.0.3" }),
      bfdSettings({ address: "fd99::3", transmitIntervalMs: 150 }),
    );
    for (const key of ["10.99.0.3", "fd99::3"]) await lab.speaker.up(key);
    await lab.speaker.until("fd99::3", "agreed", ({ detectionTimeMs }) => detectionTimeMs === 1_000);
    const slow = await lab.speaker.until(
      "fd99::3",
      "paced",
      ({ transmitIntervalMs }) => transmitIntervalMs === 150,
    );
    expect(slow).toMatchObject({ state: "Up", remoteState: "Up" });
    await eventually(
      "FRR knows the intervals",
      () => lab.inFrr("fd99::8")["remote-transmit-interval"] === 150,
    );
    expect(lab.inFrr("10.99.0.8")).toMatchObject({
      status: "up",
      "remote-receive-interval": 100,
      "remote-transmit-interval": 100,
      "remote-detect-multiplier": 10,
    });
    lab.frr.signal("SIGSTOP");
    for (const key of ["10.99.0.3", "fd99::3"]) {
      const down = await lab.speaker.until(key, "down", ({ state }) => state === "Down");
      expect(down.lastDown?.why).toBe("Control Detection Time Expired");
    }
    lab.frr.signal("SIGCONT");
    for (const key of ["10.99.0.3", "fd99::3"]) await lab.speaker.up(key);
  });

  test("other intervals are agreed on without a flap", async () => {
    lab.start([onLink]);
    const settings = bfdSettings({ address: "10.99.0.3" });
    await lab.speaker.set(settings);
    await lab.speaker.up("10.99.0.3");
    const changes = [
      { transmitIntervalMs: 400, receiveIntervalMs: 400 },
      { transmitIntervalMs: 60, receiveIntervalMs: 80, detectMultiplier: 20 },
    ];
    for (const change of changes) {
      await lab.speaker.set({ ...settings, ...change });
      await eventually("FRR knows them", () => {
        const peer = lab.inFrr("10.99.0.8");
        const said = [peer["remote-transmit-interval"], peer["remote-receive-interval"]];
        return Bun.deepEquals(said, [change.transmitIntervalMs, change.receiveIntervalMs]);
      });
      const agreed = Math.max(100, change.receiveIntervalMs) * 10;
      await lab.speaker.until("10.99.0.3", "agreed", ({ detectionTimeMs }) => detectionTimeMs === agreed);
    }
    expect((await lab.speaker.session("10.99.0.3"))?.counters).toMatchObject({ up: 1, down: 0 });
    expect(lab.inFrr("10.99.0.8").status).toBe("up");
  });

  test("several hops: port 4784, both ways, and the minimum TTL", async () => {
    lab.start(["10.99.0.8 multihop local-address 10.99.0.3"]);
    const multihop = bfdSettings({ address: "10.99.0.3", isMultihop: true, localAddress: "10.99.0.8" });
    await lab.speaker.set(multihop);
    await lab.speaker.up("10.99.0.3");
    // FRR sends with 255, so that 255 is met and nothing above it can be.
    await lab.speaker.set({ ...multihop, minimumTtl: 256 });
    const down = await lab.speaker.until("10.99.0.3", "down", ({ state }) => state === "Down");
    expect(down.lastDiscard?.why).toBe("below the minimum TTL of the session");
  });

  test.each(["ours", "FRR's"])("the passive role is %s", async (whose) => {
    lab.start([onLink], whose === "ours" ? "" : "  passive-mode\n");
    await lab.speaker.set(bfdSettings({ address: "10.99.0.3", passiveMode: whose === "ours" }));
    await lab.speaker.up("10.99.0.3");
  });

  test("a session that ends says AdminDown, and FRR takes it for no failure", async () => {
    lab.start([onLink]);
    await lab.speaker.set(bfdSettings({ address: "10.99.0.3" }));
    await lab.speaker.up("10.99.0.3");
    await lab.speaker.set();
    await eventually("FRR heard it", () =>
      lab.inFrr("10.99.0.8")["remote-diagnostic"].includes("administratively"),
    );
    expect(lab.inFrr("10.99.0.8")).toMatchObject({
      status: "down",
      diagnostic: "neighbor signaled session down",
    });
  });

  test("a peer that nobody asked for is named, and not answered", async () => {
    lab.start([onLink]);
    await lab.speaker.set(bfdSettings({ address: "10.99.0.77" }));
    await eventually("a word of it", async () =>
      (await lab.speaker.look()).problems.find((each) =>
        each.includes("BFD packets from 10.99.0.3 are dropped: no session with the sender"),
      ),
    );
    expect(lab.inFrr("10.99.0.8").status).toBe("down");
  });
});
