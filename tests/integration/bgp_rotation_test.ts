import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildPeer, SpeakerProcess } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun, NetnsPair } from "./harness/netns_pair.ts";

const reason = cannotRun();
const group = reason
  ? `live rotation of a TCP MD5 password: skipped, ${reason}`
  : "live rotation of a TCP MD5 password";

setDefaultTimeout(90_000);

let pair: NetnsPair;
let both: SpeakerProcess[] = [];
beforeAll(() => {
  if (!reason) pair = new NetnsPair("rotate", ["10.99.0.8/24", "fd99::8/64"], ["10.99.0.3/24", "fd99::3/64"]);
});
afterEach(async () => {
  await Promise.all(both.map((each) => each.end()));
  both = [];
});
afterAll(() => pair?.remove());

/** The dialling side, and one that takes a new password on the running session, as some routers do. */
function peers(family: "v4" | "v6", password: string): [ChildPeer, ChildPeer] {
  const [here, there] = family === "v4" ? ["10.99.0.8", "10.99.0.3"] : ["fd99::8", "fd99::3"];
  return [
    { name: "there", address: there, myASN: 65100, peerASN: 65003, holdTimeMs: 6_000, password },
    {
      name: "here",
      address: here,
      myASN: 65003,
      peerASN: 65100,
      holdTimeMs: 6_000,
      password,
      connection: "passive",
    },
  ];
}

const first = { v4: "192.168.1.0", v6: "2001:db8::" };
const more = { v4: "192.168.2.0", v6: "2001:db8::100" };

async function session(of: SpeakerProcess) {
  const { sessions, log } = await of.look();
  return { ...(sessions[0] ?? expect.unreachable()), lines: log };
}

describe.skipIf(reason !== undefined)(group, () => {
  test.each(["v4", "v6"] as const)(
    "over %s: the session outlives the moment when only one side has the new one, and keepalives go on",
    async (family) => {
      const [dialler, listener] = peers(family, "first");
      both = [new SpeakerProcess(pair.speaker), new SpeakerProcess(pair.router)];
      const [here, there] = both as [SpeakerProcess, SpeakerProcess];
      await there.tell({ do: "peers", peers: [listener] });
      await here.tell({ do: "peers", peers: [dialler] });
      await here.tell({ do: "routes", peer: "there", routes: [{ first: first[family], count: 10 }] });
      await eventually("routes there", async () => (await session(there)).prefixesReceived === 10);
      const before = await session(here);
      const [nextDialler, nextListener] = peers(family, "second");
      await here.tell({ do: "peers", peers: [nextDialler] });
      await eventually("the wait said in words", async () =>
        (await session(here)).lastError?.text.includes("likely another one there"),
      );
      await there.tell({ do: "peers", peers: [nextListener] });
      await eventually(
        "success",
        async () =>
          (await session(here)).lines.some((line) => line.includes("goes on under the new password")),
        15_000,
      );
      await here.tell({ do: "change", peer: "there", announce: [{ first: more[family], count: 5 }] });
      await eventually(
        "routes under the new password",
        async () => (await session(there)).prefixesReceived === 15,
      );
      // Longer than the hold time, once: both sides hear one another.
      if (family === "v4") await Bun.sleep(6_500);
      const after = await session(here);
      expect([after.state, after.flaps, after.lastError]).toEqual(["Established", 0, undefined]);
      expect(Math.abs(after.since - before.since)).toBeLessThan(100);
    },
  );
});
