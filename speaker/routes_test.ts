import { describe, expect, test } from "bun:test";
import type { BgpRoute, RouteChange } from "#core/announce/mod.ts";
import { formatPrefix, parseAddress, parsePrefix } from "#core/net/mod.ts";
import type { BgpSpeaker, PeerSettings } from "./bgp/mod.ts";
import { Routes } from "./routes.ts";

const address = parseAddress("10.0.0.1") ?? expect.unreachable();

function peer(name: string): PeerSettings {
  return { name, address, port: 179, myASN: 1, peerASN: 2 };
}

function route(prefix: string, peers: string[] = []): BgpRoute {
  return { prefix: parsePrefix(prefix) ?? expect.unreachable(), advertisement: "ad", peers, communities: [] };
}

function change(service: string, after: BgpRoute[], before: BgpRoute[] = []): RouteChange {
  return { service, before, after };
}

/** Routes over an engine that keeps what it is told. */
function open(...peers: string[]) {
  const told: string[] = [];
  const engine = {
    setPeers: () => {},
    setRoutes: (name: string, routes: Iterable<{ prefix: BgpRoute["prefix"] }>) => {
      told.push(`${name}: all of ${[...routes].map((each) => formatPrefix(each.prefix)).join(" ")}`);
    },
    changeRoutes: (
      name: string,
      given: { announce: { prefix: BgpRoute["prefix"] }[]; withdraw: BgpRoute["prefix"][] },
    ) => {
      const parts = [
        ...given.announce.map((each) => `+${formatPrefix(each.prefix)}`),
        ...given.withdraw.map((each) => `-${formatPrefix(each)}`),
      ];
      told.push(`${name}: ${parts.join(" ")}`);
    },
    setDraining: () => {},
  };
  const routes = new Routes(engine as unknown as BgpSpeaker);
  const servicePeers = new Map<string, string[]>();
  routes.onServicePeers((service, names) => servicePeers.set(service, names));
  routes.setPeers(peers.map(peer));
  told.length = 0;
  return { routes, told, servicePeers };
}

describe("Routes", () => {
  test("tells each peer what changed for it, and a new peer everything", () => {
    const { routes, told } = open("a", "b");
    routes.apply(
      [change("shop/web", [route("10.1.0.1/32", ["a"])]), change("shop/dns", [route("10.1.0.2/32")])],
      1,
    );
    expect(told.splice(0)).toEqual(["a: +10.1.0.1/32 +10.1.0.2/32", "b: +10.1.0.2/32 -10.1.0.1/32"]);
    routes.setPeers([peer("b"), peer("a")]);
    expect(told).toEqual([]);
    routes.setPeers([peer("a"), peer("b"), peer("c")]);
    expect(told).toEqual(["c: all of 10.1.0.2/32"]);
  });

  test("says for each Service the peers that its routes are meant for, as peers and routes come and go", () => {
    const { routes, servicePeers } = open("a", "b");
    const toA = [route("10.1.0.1/32", ["a"])];
    routes.apply([change("shop/web", toA), change("shop/dns", [route("10.1.0.2/32")])], 1);
    expect([...servicePeers]).toEqual([
      ["shop/web", ["a"]],
      ["shop/dns", ["a", "b"]],
    ]);
    routes.setPeers([peer("b")]);
    expect([...servicePeers]).toEqual([
      ["shop/web", []],
      ["shop/dns", ["b"]],
    ]);
    routes.setPeers([peer("a"), peer("b")]);
    routes.apply([change("shop/web", [], toA)], 2);
    expect(servicePeers.get("shop/web")).toEqual([]);
  });

  test("counts a Service in where it shares a prefix that another Service's advertisement sends on", () => {
    const { routes, servicePeers } = open("a", "b");
    routes.apply([change("shop/web", [route("10.1.0.1/32", ["a"])])], 1);
    routes.apply([change("shop/dns", [route("10.1.0.1/32", ["b"])])], 2);
    expect([servicePeers.get("shop/web"), servicePeers.get("shop/dns")]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  test("leaves alone the Services of an aggregate that another one joins", () => {
    const { routes, servicePeers } = open("a");
    const aggregate = [route("10.1.0.0/24")];
    routes.apply([change("shop/one", aggregate)], 1);
    servicePeers.clear();
    routes.apply([change("shop/two", aggregate)], 2);
    expect([...servicePeers]).toEqual([["shop/two", ["a"]]]);
    expect(routes.list()).toEqual([
      { prefix: "10.1.0.0/24", services: ["shop/one", "shop/two"], peers: ["a"], since: 1 },
    ]);
  });
});
