import { describe, expect, test } from "bun:test";
import { lanSettings, readSettings, wanSettings } from "./mod.ts";
import { durationMs } from "./settings_file.ts";

const lan = {
  TCPTimeout: "10s",
  IndirectChecks: 3,
  RetransmitMult: 4,
  SuspicionMult: 4,
  SuspicionMaxTimeoutMult: 6,
  PushPullInterval: "30s",
  ProbeTimeout: "500ms",
  ProbeInterval: "1s",
  DisableTcpPings: false,
  AwarenessMaxMultiplier: 8,
  GossipNodes: 3,
  GossipInterval: "200ms",
  GossipToTheDeadTime: "30s",
  GossipVerifyIncoming: true,
  GossipVerifyOutgoing: true,
  EnableCompression: true,
  HandoffQueueDepth: 1024,
  UDPBufferSize: 1400,
  QueueCheckInterval: "30s",
};
const messages = (file: unknown) => {
  const read = readSettings(typeof file === "string" ? file : JSON.stringify(file));
  return "issues" in read ? read.issues.map(({ key, message }) => `${key} ${message}`.trim()) : [];
};

describe("readSettings()", () => {
  test("MetalLB's nineteen keys give the LAN and the WAN profile", () => {
    expect(readSettings(JSON.stringify(lan))).toEqual({ settings: lanSettings });
    const wan = {
      ...lan,
      TCPTimeout: "30s",
      SuspicionMult: 6,
      PushPullInterval: "1m",
      ProbeTimeout: "3s",
      ProbeInterval: "5s",
      GossipNodes: 4,
      GossipInterval: "500ms",
      GossipToTheDeadTime: "1m0s",
    };
    expect(readSettings(JSON.stringify(wan))).toEqual({ settings: wanSettings });
  });

  test("a missing duration is an error, a missing number or flag is 0 or false, as in MetalLB", () => {
    const { ProbeInterval: _, IndirectChecks: __, EnableCompression: ___, ...rest } = lan;
    expect(messages(rest)).toEqual([
      'ProbeInterval is missing: it must be a duration from "0s" to "24h", such as "500ms" or "1m30s"',
    ]);
    const read = readSettings(JSON.stringify({ ...rest, ProbeInterval: "1s" }));
    expect(read).toEqual({ settings: { ...lanSettings, indirectChecks: 0, enableCompression: false } });
  });

  test("every wrong key is named, with what is allowed and what stands there", () => {
    const wrong = {
      ...lan,
      ProbeTimeout: 500,
      SuspicionMult: "4",
      GossipNodes: -1,
      EnableCompression: "yes",
    };
    expect(messages(wrong)).toEqual([
      'SuspicionMult must be a whole number from 0 to 1000000, not "4"',
      'ProbeTimeout must be a duration from "0s" to "24h", such as "500ms" or "1m30s", not 500',
      "GossipNodes must be a whole number from 0 to 1000000, not -1",
      'EnableCompression must be true or false, not "yes"',
    ]);
  });

  test("an unknown key is an error that lists the known ones", () => {
    expect(messages({ ...lan, ProbeIntervall: "1s" })[0]).toStartWith(
      "ProbeIntervall is not known; allowed are TCPTimeout, IndirectChecks,",
    );
  });

  test("settings that contradict each other are refused", () => {
    expect(messages({ ...lan, ProbeTimeout: "1s" })).toEqual([
      "ProbeTimeout must be shorter than ProbeInterval (1000 ms), or nobody is asked before the verdict",
    ]);
    expect(messages({ ...lan, UDPBufferSize: 100 })).toEqual([
      "UDPBufferSize must be from 512 to 65507 bytes",
    ]);
  });

  test("what is no JSON object is refused", () => {
    expect(messages("{")[0]).toStartWith("not JSON: ");
    expect(messages([lan])).toEqual(['not an object such as {"ProbeInterval": "1s", …}']);
  });
});

/** Go's documentation of time.ParseDuration. */
test.each([
  ["300ms", 300],
  ["-1.5h", -5_400_000],
  ["2h45m", 9_900_000],
  ["1m30.5s", 90_500],
  [".5s", 500],
  ["1.s", 1000],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["0", 0],
  ["+5s", 5000],
  ["", undefined],
  ["5", undefined],
  ["s", undefined],
  ["5 s", undefined],
  ["5d", undefined],
  ["1s2", undefined],
])("durationMs(%p) is %p", (text, ms) => {
  const read = durationMs(text);
  if (ms === undefined) expect(read).toBeUndefined();
  else expect(read).toBeCloseTo(ms, 6);
});
