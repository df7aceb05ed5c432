import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { ipv4Unicast, ipv6Unicast, readRouterMessage, routerAdvertisement } from "#core/bgp/mod.ts";
import { formatAddress } from "#core/net/mod.ts";
import { FakeRouter } from "./fake_router.ts";
import { address, pass, routes, settle } from "./fake_world.ts";
import { BgpSpeaker, type PeerSettings } from "./mod.ts";
import type { RouterLink } from "./router_link.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const mac = Uint8Array.fromHex("020000000008");

/** An interface in memory: what is sent on it is kept, and the test speaks for whoever is at the other end. */
class FakeLink implements RouterLink {
  readonly end = { mac, address: address("fe80::8") };
  readonly sent: string[] = [];
  readonly #waiting: Uint8Array[] = [];
  isGone = false;
  isClosed = false;

  hear(from: string): void {
    this.#waiting.push(routerAdvertisement({ mac, address: address(from) }));
  }

  receive(): Uint8Array | undefined {
    if (this.isGone) throw new Error("interface eth1 is gone");
    return this.#waiting.shift();
  }

  send(frame: Uint8Array): void {
    this.sent.push(readRouterMessage(frame)?.type ?? "unreadable");
  }

  close(): void {
    this.isClosed = true;
  }
}

function start(change: Partial<PeerSettings> = {}) {
  const router = new FakeRouter(64513);
  router.capabilities = [ipv4Unicast, ipv6Unicast].map((value) => ({ name: "Multiprotocol", value }));
  const links: FakeLink[] = [];
  const dialled: string[] = [];
  let failure: Error | undefined;
  const speaker = new BgpSpeaker(
    { nodeName: "node1" },
    {
      clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
      random: () => 0.5,
      dial: (peer, signal) => {
        dialled.push(`${formatAddress(peer.address)}%${peer.interface}`);
        return router.dial(peer, signal);
      },
      listen: router.listen,
      acceptsPassword: async () => false,
      openRouterLink: () => {
        if (failure) throw failure;
        const link = new FakeLink();
        links.push(link);
        return link;
      },
    },
  );
  const peer: PeerSettings = {
    name: "tor",
    interface: "eth1",
    port: 179,
    myASN: 64512,
    peerASN: "external",
    ...change,
  };
  return {
    speaker,
    links,
    dialled,
    peer,
    fail: (error: Error | undefined) => {
      failure = error;
    },
    session: () => speaker.sessions()[0] ?? expect.unreachable(),
    link: () => links.at(-1) ?? expect.unreachable(),
  };
}

describe("an unnumbered peer", () => {
  test("is not dialled before its advertisement, then at its link-local address, with both families", async () => {
    const { speaker, dialled, peer, link, session } = start();
    speaker.setPeers([peer]);
    speaker.setRoutes("tor", routes(1));
    await pass(5_000);
    expect(dialled).toEqual([]);
    expect(link().sent.slice(0, 2)).toEqual(["solicitation", "advertisement"]);
    expect(session()).toMatchObject({
      address: "eth1",
      state: "Idle",
      isWaiting: true,
      lastError: { text: "no router advertisement was heard on interface eth1 yet" },
    });
    link().hear("fe80::3");
    await pass(500);
    expect(dialled).toEqual(["fe80::3%eth1"]);
    expect(session()).toMatchObject({ address: "fe80::3%eth1", state: "Established", prefixesSent: 1 });
    expect(session().families?.map(({ family }) => family)).toEqual(["ipv4", "ipv6"]);
    expect([session().lastError, session().isWaiting, speaker.metrics()[0]?.address]).toEqual([
      undefined,
      undefined,
      "eth1",
    ]);
  });

  test("that is replaced by another router is followed once the first one is silent", async () => {
    const { speaker, dialled, peer, link, session } = start();
    speaker.setPeers([peer]);
    link().hear("fe80::3");
    await pass(500);
    link().hear("fe80::4");
    await pass(500);
    expect(session().lastError?.text).toBe(
      "more than one router advertises itself on interface eth1: the first one is the peer",
    );
    await pass(26_000);
    link().hear("fe80::4");
    await pass(1_000);
    expect([dialled, session().address]).toEqual([["fe80::3%eth1", "fe80::4%eth1"], "fe80::4%eth1"]);
  });

  test("on an interface that is not there, or goes, says so, and is looked for again", async () => {
    const { speaker, links, peer, fail, link, session } = start();
    fail(new Error("interface eth1 has no IPv6 link-local address"));
    speaker.setPeers([peer]);
    await settle();
    expect(session().lastError?.text).toBe("interface eth1 has no IPv6 link-local address");
    fail(undefined);
    await pass(1_500);
    link().isGone = true;
    await pass(100);
    expect([session().lastError?.text, link().isClosed]).toEqual(["interface eth1 is gone", true]);
    await pass(1_500);
    expect(links.length).toBe(2);
    link().hear("fe80::3");
    await pass(500);
    expect(session().state).toBe("Established");
  });

  test("keeps its neighbour over a change of settings, and its link ends with it", async () => {
    const { speaker, dialled, peer, links, link, session } = start();
    speaker.setPeers([peer]);
    link().hear("fe80::3");
    await pass(500);
    speaker.setPeers([{ ...peer, holdTimeMs: 30_000 }]);
    await pass(500);
    expect([session().state, session().holdTimeMs, links.length, dialled.length]).toEqual([
      "Established",
      30_000,
      1,
      2,
    ]);
    speaker.setPeers([{ ...peer, interface: "eth2" }]);
    await pass(500);
    expect(session()).toMatchObject({ address: "eth2", isWaiting: true });
    expect(links.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    speaker.setPeers([]);
    await settle();
    expect(link().isClosed).toBe(true);
  });
});
