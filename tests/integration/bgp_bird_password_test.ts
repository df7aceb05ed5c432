import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `TCP MD5 against BIRD: skipped, ${reason}` : "TCP MD5 against BIRD";

setDefaultTimeout(30_000);

let lab: BgpLab<Bird>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Bird>("birdmd5");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** Two neighbours, `four` over IPv4 and `six` over IPv6, each with options of its own. */
function configuration({ four = "", six = "" } = {}): string {
  const common = "passive on; hold time 9; error wait time 1, 5;";
  return `
    router id 10.99.0.3;
    protocol device {}
    protocol bgp four {
      local as 65003; neighbor 10.99.0.8 as 65100; ${common} ${four} ipv4 { import all; export all; };
    }
    protocol bgp six {
      local as 65003; neighbor fd99::8 as 65100; ${common} ${six} ipv6 { import all; export all; };
    }`;
}

const four: ChildPeer = { name: "four", address: "10.99.0.3", myASN: 65100, peerASN: 65003 };
const six: ChildPeer = { ...four, name: "six", address: "fd99::3" };

const startRouter = (config: string) => lab.startRouter((namespace) => Bird.start(namespace, config));

async function start(config: string, ...peers: ChildPeer[]): Promise<void> {
  await startRouter(config);
  await lab.startSpeaker(peers, [{ first: "192.168.1.240", count: 1 }]);
}

const key = (text: string) => `password "${text}";`;

describe.skipIf(reason !== undefined)(group, () => {
  describe.each([
    ["IPv4", four],
    ["IPv6", six],
  ])("TCP MD5 over %s", (_, peer) => {
    const at = (options: string) => configuration({ four: options, six: options });
    const quick = { ...peer, connectTimeMs: 1_000 };

    test("the right password", async () => {
      await start(at(key("s3cret")), { ...peer, password: "s3cret" });
      await lab.established(peer.name);
      expect((await lab.session(peer.name)).lastError).toBeUndefined();
    });

    test("another password there", async () => {
      await start(at(key("s3cret")), { ...quick, password: "other" });
      const words = await lab.trouble("the password is likely another one there", peer.name);
      expect(words).toContain("its host answers, but not to the TCP MD5 password that is set here");
    });

    test("no password here", async () => {
      await start(at(key("s3cret")), quick);
      await lab.trouble("the peer likely wants a TCP MD5 password, and none is set here", peer.name);
    });

    test("no password there", async () => {
      await start(at(""), { ...quick, password: "s3cret" });
      await lab.trouble("it likely has no TCP MD5 password for this node", peer.name);
    });
  });

  test("a router that does not run refuses, with a password or without", async () => {
    await startRouter("router id 10.99.0.3; protocol device {}");
    await lab.startSpeaker([{ ...four, password: "s3cret", connectTimeMs: 1_000 }, six]);
    await lab.trouble("nobody listens there: without the password the connection is refused", "four");
    await lab.trouble("ECONNREFUSED (nobody listens there, or a filter rejects us)", "six");
  });

  test("a new password concerns its session and no other; a router that starts the session anew under it is met at once, and the words go with the success", async () => {
    const old = configuration({ four: key("old"), six: key("six") });
    await start(old, { ...four, password: "old" }, { ...six, password: "six" });
    await Promise.all([lab.established("four"), lab.established("six")]);
    const before = await lab.session("six");
    const rotated = [
      { ...four, password: "new", connectTimeMs: 1_000 },
      { ...six, password: "six" },
    ];
    await lab.setPeers(rotated);
    await lab.trouble("the password is likely another one there", "four");
    await lab.router.configure(configuration({ four: key("new"), six: key("six") }));
    // BIRD starts its session anew under another password; what it says at the end of the old one is signed by the old.
    await eventually("the old connection given up", async () => (await lab.session("four")).flaps === 1);
    await lab.established("four");
    const after = await lab.session("six");
    expect([after.since - before.since < 50, after.flaps]).toEqual([true, 0]);
    const { text } = (await lab.session("four")).lastError ?? expect.unreachable();
    expect(text).not.toContain("likely another one there");
    expect((await lab.speaker.look()).messages[0]?.join()).not.toContain("sent NOTIFICATION");
  });
});
