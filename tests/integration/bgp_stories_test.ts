/** Failure stories of BGP that need no cluster; those that do are in tests/e2e/stories. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { parse } from "yaml";
import { type ConfigResources, parseConfig } from "#core/config/mod.ts";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

setDefaultTimeout(40_000);

describe("story 19: a password, or any field, that is silently ignored", () => {
  const base = { myASN: 64_512, peerASN: 64_513, peerAddress: "192.0.2.1" };
  const secrets = [{ name: "key", type: "kubernetes.io/basic-auth", password: "hidden" }];
  const bfdProfiles = [resource("BFDProfile", "fast", {})];

  function resource(kind: string, name: string, spec: object) {
    const created = "2026-01-01T00:00:00Z";
    return { kind, apiVersion: "metallb.io/v1beta2", metadata: { name, creationTimestamp: created }, spec };
  }

  function parsePeer(spec: object) {
    const none = { pools: [], l2Advertisements: [], bgpAdvertisements: [], communities: [], nodes: [] };
    const peers = [resource("BGPPeer", "tor", spec)];
    return parseConfig({ ...none, bfdProfiles, peers, secrets } as unknown as ConfigResources);
  }

  /** For each field of the schema a peer that sets it, beside one that differs in nothing else. */
  const fields: Record<string, [set: object, without: object]> = {
    bfdProfile: [{ bfdProfile: "fast" }, {}],
    connectTime: [{ connectTime: "5s" }, {}],
    disableMP: [{ dualStackAddressFamily: true, disableMP: true }, { dualStackAddressFamily: true }],
    dualStackAddressFamily: [{ dualStackAddressFamily: true }, {}],
    dynamicASN: [
      { peerASN: undefined, dynamicASN: "external" },
      { peerASN: undefined, dynamicASN: "internal" },
    ],
    ebgpMultiHop: [{ ebgpMultiHop: true }, {}],
    enableGracefulRestart: [{ enableGracefulRestart: true }, {}],
    holdTime: [{ holdTime: "30s" }, {}],
    interface: [{ peerAddress: undefined, interface: "eth1" }, {}],
    keepaliveTime: [{ keepaliveTime: "5s" }, {}],
    localASN: [{ localASN: 64_514 }, {}],
    myASN: [{ myASN: 64_515 }, {}],
    nodeSelectors: [{ nodeSelectors: [{ matchLabels: { rack: "a" } }] }, {}],
    password: [{ password: "hidden" }, {}],
    passwordSecret: [{ passwordSecret: { name: "key" } }, {}],
    peerASN: [{ peerASN: 64_515 }, {}],
    peerAddress: [{ peerAddress: "192.0.2.2" }, {}],
    peerPort: [{ peerPort: 1_179 }, {}],
    routerID: [{ routerID: "192.0.2.9" }, {}],
    sourceAddress: [{ sourceAddress: "192.0.2.9" }, {}],
    vrf: [{ vrf: "red" }, {}],
  };
  /**
   * Deprecated, and without effect here as in MetalLB's later versions: the families of a session are those of its
   * address, or both by dualStackAddressFamily.
   */
  const withoutEffect = ["disableMP"];

  test("story 19: every field that a BGPPeer may have is heeded", async () => {
    const file = `${import.meta.dir}/../../k8s/crds/bgppeers.yaml`;
    const { versions } = parse(await Bun.file(file).text()).spec as {
      versions: {
        storage: boolean;
        schema: { openAPIV3Schema: { properties: { spec: { properties: object } } } };
      }[];
    };
    const stored = versions.find(({ storage }) => storage) ?? expect.unreachable();
    const known = Object.keys(stored.schema.openAPIV3Schema.properties.spec.properties).sort();
    expect(known).toEqual(Object.keys(fields).sort());
    for (const [name, [set, without]] of Object.entries(fields)) {
      const [one, other] = [set, without].map((each) => parsePeer({ ...base, ...each }));
      if (!withoutEffect.includes(name)) expect({ name, ...one }).not.toEqual({ name, ...other } as never);
      expect(one?.issues).toEqual([]);
    }
  });

  test.each([
    ["with unnumbered peering", { peerAddress: undefined, interface: "eth1" }],
    ["with a dynamic AS number", { peerASN: undefined, dynamicASN: "external" }],
    ["in a VRF", { vrf: "red" }],
    ["over more than one hop, from a source address", { ebgpMultiHop: true, sourceAddress: "192.0.2.9" }],
    ["with BFD and graceful restart", { bfdProfile: "fast", enableGracefulRestart: true }],
    ["over IPv6 with both families", { peerAddress: "2001:db8::1", dualStackAddressFamily: true }],
  ])("story 19: a password goes %s, written or from a Secret", (_, more) => {
    for (const key of [{ password: "hidden" }, { passwordSecret: { name: "key" } }]) {
      const { config, issues } = parsePeer({ ...base, ...more, ...key });
      expect(issues).toEqual([]);
      expect(config.peers[0]?.password).toBe("hidden");
    }
  });

  test.each([
    [
      "longer than TCP MD5 takes",
      { password: "p".repeat(81) },
      "has 81 bytes; TCP MD5 (RFC 2385) takes at most 80",
    ],
    ["longer in bytes than in letters", { password: "가".repeat(27) }, "has 81 bytes"],
    ["no text", { password: 12_345 }, "12345 is not text"],
    ["given twice", { password: "a", passwordSecret: { name: "key" } }, "allowed is one of them"],
    ["in a Secret that is not there", { passwordSecret: { name: "gone" } }, 'there is no Secret "gone"'],
  ])("story 19: a password that is %s rejects the BGPPeer, and says why", (_, key, words) => {
    const { config, issues } = parsePeer({ ...base, ...key });
    expect(config.peers).toEqual([]);
    expect(issues.map(({ message }) => message).join()).toContain(words);
  });
});

const reason = cannotRun("bird");
const group = reason ? `BGP stories with BIRD: skipped, ${reason}` : "BGP stories with BIRD";

describe.skipIf(reason !== undefined)(group, () => {
  /** Ours and theirs; BIRD starts no second session with an address that it has one with. */
  const pairs = [
    ["10.99.0.8", "10.99.0.3"],
    ["fd99::8", "fd99::4"],
    ["10.99.0.9", "10.99.0.5"],
    ["fd99::9", "fd99::6"],
  ] as const;
  let lab: BgpLab<Bird>;
  beforeAll(() => {
    if (reason) return;
    lab = new BgpLab<Bird>("bgpstories");
    const bits = (address: string) => `${address}/${address.includes(":") ? 64 : 24}`;
    for (const [ours, theirs] of pairs) {
      lab.ip("speaker", "addr", "replace", bits(ours), "dev", "eth0", "nodad");
      lab.ip("router", "addr", "replace", bits(theirs), "dev", "eth0", "nodad");
    }
  });
  afterEach(() => lab?.end());
  afterAll(() => lab?.remove());

  /** The reporter's numbers: four peers, dual-stack Services, about 450 routes. */
  const services = 225;
  const holdTimeMs = 3_000;
  const peers = pairs.map(
    ([sourceAddress, address], index): ChildPeer => ({
      name: `tor${index}`,
      address,
      sourceAddress,
      myASN: 65_100,
      peerASN: 65_003,
      holdTimeMs,
      dualStackAddressFamily: true,
    }),
  );
  const protocol = ([ours, theirs]: readonly string[], index: number) => `
    protocol bgp tor${index} {
      local ${theirs} as 65003; neighbor ${ours} as 65100; passive on; hold time 3;
      ipv4 { import all; export none; extended next hop on; }; ipv6 { import all; export none; };
    }`;

  /** When each session came to the state it is in, in BIRD's words. */
  async function standing(): Promise<string[]> {
    const shown = await lab.router.ask("show protocols");
    return [...shown.matchAll(/tor\d +BGP .*/g)].map(([line]) => line.replace(/ +/g, " ").trim());
  }

  const routes = async () =>
    (await lab.router.routeCount("master4")) + (await lab.router.routeCount("master6"));

  test("story 26: 450 routes to four peers come and go while the process is busy, and no keepalive is late", async () => {
    const configuration = `router id 10.99.0.3; protocol device {} ${pairs.map(protocol).join("\n")}`;
    await lab.startRouter((namespace) => Bird.start(namespace, configuration));
    await lab.startSpeaker(peers);
    for (const { name } of peers) await lab.established(name);
    await eventually("BIRD agrees", async () =>
      (await standing()).every((line) => line.includes("Established")),
    );
    const before = await standing();
    expect(before).toHaveLength(pairs.length);
    const families = ["172.20.0.0", "2001:db8:20::"];
    // Three rounds of a rollout, a hold time each, in which half the time is work of another kind.
    for (let round = 0; round < 3; round++) {
      for (let done = 0; done < services; done += 25) {
        for (const { name } of peers) {
          const some = families.map((first) => ({ first: at(first, done), count: 25 }));
          await lab.speaker.tell({ do: "change", peer: name, announce: some });
        }
        await lab.speaker.tell({ do: "busy", ms: 170 });
        await Bun.sleep(170);
      }
      await eventually(
        "450 routes of four peers",
        async () => (await routes()) === pairs.length * 2 * services,
        20_000,
      );
      for (const { name } of peers) {
        const all = families.map((first) => ({ first, count: services }));
        await lab.speaker.tell({ do: "change", peer: name, withdraw: all });
      }
      await eventually("no route", async () => (await routes()) === 0, 20_000);
    }
    expect(await standing()).toEqual(before);
    const { sessions } = await lab.speaker.look();
    expect(sessions.map(({ flaps, state }) => `${state} ${flaps}`)).toEqual(pairs.map(() => "Established 0"));
    expect(lab.router.log()).not.toMatch(/<(ERR|RMT|AUTH|BUG)>/);
  });

  /** The address so many after the first, which ends in zero. */
  function at(first: string, count: number): string {
    return first.endsWith("::") ? `${first}${count.toString(16)}` : first.replace(/0$/, `${count}`);
  }
});
