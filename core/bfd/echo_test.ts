import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { echoFrame, readEchoFrame } from "./echo_frame.ts";
import { decodeEchoPacket, encodeEchoPacket } from "./echo_packet.ts";
import { Bench } from "./fixtures.ts";
import { detectionTime } from "./timing.ts";

const said = {
  requiredMinEchoRxInterval: 20_000,
  requiredMinRxInterval: 1_000_000,
  desiredMinTxInterval: 1_000_000,
};

function echoing(change = {}, peer = {}): Bench {
  const bench = Bench.up({ echoIntervalMs: 50, ...change }, { ...said, ...peer });
  bench.apply({ type: "echoPath", isOpen: true });
  return bench;
}

const echoes = (bench: Bench) =>
  bench.take().flatMap((action) => (action.type === "sendEcho" ? [action.sequence] : []));

describe("the Echo function (RFC 5880 §6.8.9, RFC 5881 §4)", () => {
  test("begins when the session is up, the peer loops back and there is a way", () => {
    const bench = echoing();
    bench.at(0);
    expect(echoes(bench)).toEqual([1]);
    bench.at(50);
    expect(echoes(bench)).toEqual([2]);
  });

  test.each([
    ["the peer loops nothing back", echoing({}, { requiredMinEchoRxInterval: 0 })],
    ["it is not asked for", Bench.up({}, said)],
    ["there is no way", Bench.up({ echoIntervalMs: 50 }, said)],
  ])("is silent where %s", (_, bench) => {
    bench.at(500);
    expect(echoes(bench)).toEqual([]);
  });

  test("goes no faster than the peer allows", () => {
    const bench = echoing({ echoIntervalMs: 10 }, { requiredMinEchoRxInterval: 80_000 });
    bench.at(0);
    bench.at(79);
    expect(echoes(bench)).toEqual([1]);
    bench.at(80);
    expect(echoes(bench)).toEqual([2]);
  });

  test("ends when the peer says that it loops back no more", () => {
    const bench = echoing();
    bench.hear({ state: "Up", ...said, requiredMinEchoRxInterval: 0 });
    bench.at(200);
    expect(echoes(bench)).toEqual([]);
  });

  test("slows the control packets down once they come back, by a Poll (§6.8.3)", () => {
    const bench = echoing();
    bench.at(0);
    bench.take();
    bench.apply({ type: "echo", sequence: 1 });
    expect(bench.sent()).toMatchObject([{ poll: true, requiredMinRxInterval: 1_000_000 }]);
    expect(detectionTime(bench.session)).toBe(3_000_000);
  });

  test("its silence takes the session down after as many intervals as Detect Mult", () => {
    const bench = echoing();
    for (let now = 0; now <= 100; now += 50) {
      bench.at(now);
      bench.apply({ type: "echo", sequence: now / 50 + 1 });
    }
    bench.at(150);
    bench.at(200);
    bench.at(249);
    expect(bench.state).toBe("Up");
    bench.at(250);
    expect(bench.state).toBe("Down");
    expect(bench.session.bfd.LocalDiag).toBe(2);
    expect(bench.session.echo.sendAt).toBeUndefined();
  });

  test("one that was never answered is not missed", () => {
    const bench = echoing();
    for (let now = 0; now <= 1_000; now += 50) bench.at(now);
    expect(bench.state).toBe("Up");
  });

  test("a side that was held up itself does not blame the peer", () => {
    const bench = echoing();
    bench.at(0);
    bench.apply({ type: "echo", sequence: 1 });
    bench.at(2_000);
    expect(bench.state).toBe("Up");
  });

  test("an old echo, or one that was never sent, says nothing of now", () => {
    const bench = echoing();
    bench.at(0);
    bench.apply({ type: "echo", sequence: 99 });
    expect(bench.session.echo.isProven).toBe(false);
    for (let now = 50; now <= 250; now += 50) bench.at(now);
    bench.apply({ type: "echo", sequence: 1 });
    expect(bench.session.echo.isProven).toBe(false);
    bench.apply({ type: "echo", sequence: 5 });
    expect(bench.session.echo.isProven).toBe(true);
  });
});

describe("Echo packets on the wire", () => {
  const ends = {
    ownMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    peerMac: Uint8Array.of(2, 0, 0, 0, 0, 2),
    ownAddress: Uint8Array.of(10, 99, 0, 8),
  };
  const payload = encodeEchoPacket({ localDiscr: 1, secret: 2, sequence: 3 });

  test("the bytes of an IPv4 frame, checksums as scapy computes them", () => {
    expect(echoFrame(ends, payload).toHex()).toBe(
      "020000000002020000000001080045c0002c00004000ff11662b0a6300080a6300080ec90ec9001846a542464465000000010000000200000003",
    );
  });

  test("the bytes of an IPv6 frame, checksums as scapy computes them", () => {
    const ownAddress = Uint8Array.fromHex("fd990000000000000000000000000008");
    expect(echoFrame({ ...ends, ownAddress }, payload).toHex()).toBe(
      "02000000000202000000000186dd6c000000001811fffd990000000000000000000000000008fd9900000000000000000000000000080ec90ec90018603742464465000000010000000200000003",
    );
  });

  test("reads what it wrote", () => {
    for (const ownAddress of [ends.ownAddress, new Uint8Array(16).fill(0xfd)]) {
      const seen = readEchoFrame(echoFrame({ ...ends, ownAddress }, payload));
      expect(seen).toMatchObject({
        source: ownAddress,
        destination: ownAddress,
        destinationPort: 3785,
        ttl: 255,
      });
      expect(decodeEchoPacket(seen?.payload ?? new Uint8Array())).toEqual({
        localDiscr: 1,
        secret: 2,
        sequence: 3,
      });
    }
  });

  test("any bytes are a frame of UDP or none", () => {
    const frame = echoFrame(ends, payload);
    const bent = fc
      .tuple(
        fc.integer({ min: 0, max: frame.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: frame.length }),
      )
      .map(([at, value, length]) => {
        const bytes = frame.slice();
        bytes[at] = value;
        return bytes.subarray(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 90 }), bent), (bytes) => {
        const seen = readEchoFrame(bytes);
        if (seen) expect(seen.payload.length).toBeLessThanOrEqual(bytes.length);
        decodeEchoPacket(bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
