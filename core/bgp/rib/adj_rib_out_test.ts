import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatAddress, formatPrefix, maskAddress, type Prefix, parseAddress } from "#core/net/mod.ts";
import {
  announcedPrefixes,
  type Community,
  decodeMessage,
  describeMessage,
  endOfRibFamily,
  familyName,
  formatAsPath,
  formatCommunity,
  ipv4Unicast,
  ipv6Unicast,
  type PathAttributes,
  parseCommunity,
  type UpdateMessage,
  withdrawnPrefixes,
} from "../codec/mod.ts";
import { AdjRibIn, AdjRibOut, type EncodedUpdate, type ExportContext, type Route } from "./mod.ts";

const external: ExportContext = {
  localAS: 4200000001,
  nextHops: { ipv4: [{ family: "ipv4", value: 0x0a630008n }] },
  isExternal: true,
  fourOctetAs: true,
  families: [ipv4Unicast],
  messageLengthMax: 4096,
};

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

function prefix(index: number, length = 32): Prefix {
  return maskAddress({ family: "ipv4", value: 0x0a000000n + BigInt(index) }, length);
}

function prefix6(index: number): Prefix {
  return maskAddress({ family: "ipv6", value: (0x20010db8n << 96n) + BigInt(index) }, 128);
}

function communities(...texts: string[]): Community[] {
  return texts.map((text) => parseCommunity(text) ?? expect.unreachable());
}

function routes(count: number, ...texts: string[]): Route[] {
  const shared = communities(...texts);
  return Array.from({ length: count }, (_, index) => ({ prefix: prefix(index), communities: shared }));
}

/** All that is to be sent now. */
function drain(rib: AdjRibOut): EncodedUpdate[] {
  return rib.take(Number.POSITIVE_INFINITY);
}

function decode({ bytes }: EncodedUpdate, given = external): UpdateMessage {
  expect(bytes.length).toBeLessThanOrEqual(4096);
  const message = decodeMessage(bytes, given) as UpdateMessage;
  expect(message.problems).toEqual([]);
  return message;
}

/** What a peer knows after the UPDATEs. */
class Peer {
  readonly table = new Map<string, string>();
  readonly endsOfRib: string[] = [];

  constructor(readonly context: ExportContext = external) {}

  read(updates: readonly EncodedUpdate[]): void {
    for (const update of updates) {
      const message = decode(update, this.context);
      expect(describeMessage(message)).toBe(update.text);
      const ended = endOfRibFamily(message);
      if (ended) this.endsOfRib.push(familyName(ended));
      for (const each of withdrawnPrefixes(message)) {
        expect(this.table.delete(formatPrefix(each))).toBe(true);
      }
      for (const each of announcedPrefixes(message))
        this.table.set(formatPrefix(each), words(message.attributes));
    }
  }
}

function words({
  COMMUNITIES = [],
  LARGE_COMMUNITY = [],
  LOCAL_PREF,
  NEXT_HOP,
  MP_REACH_NLRI,
}: PathAttributes): string {
  const standard = COMMUNITIES.map((value) => formatCommunity({ kind: "standard", value }));
  const texts = [...standard, ...LARGE_COMMUNITY.map(formatCommunity)].sort();
  return [NEXT_HOP?.value, MP_REACH_NLRI?.nextHops.map(formatAddress), LOCAL_PREF, ...texts].join(" ");
}

describe("AdjRibOut", () => {
  test("packs 10,000 prefixes of one attribute set into 13 messages, and withdraws 5,000 in 7", () => {
    const rib = new AdjRibOut();
    const all = routes(10_000, "65000:1");
    rib.replace(all);
    rib.open(external);
    expect(rib.pending).toBe(10_000);
    const updates = drain(rib);
    expect(updates.length).toBe(14);
    const peer = new Peer();
    peer.read(updates);
    expect([peer.table.size, rib.announced, rib.pending, peer.endsOfRib]).toEqual([
      10_000,
      10_000,
      0,
      ["ipv4-unicast"],
    ]);
    rib.replace(all.slice(5_000));
    expect([rib.announced, rib.pending]).toEqual([10_000, 5_000]);
    const withdrawals = drain(rib);
    expect(withdrawals.length).toBe(7);
    peer.read(withdrawals);
    expect([peer.table.size, rib.announced, rib.pending]).toEqual([5_000, 5_000, 0]);
  });

  test("sends one UPDATE for one change, and nothing for what did not change", () => {
    const rib = new AdjRibOut();
    rib.replace(routes(1_000));
    rib.open(external);
    drain(rib);
    rib.replace(routes(1_000));
    expect(drain(rib)).toEqual([]);
    rib.change([{ prefix: prefix(5_000), communities: [] }], [prefix(1)]);
    expect(drain(rib).map(({ text }) => text)).toEqual([
      "UPDATE announces 10.0.19.136/32; ORIGIN IGP; AS_PATH 4200000001; NEXT_HOP 10.99.0.8",
      "UPDATE withdraws 10.0.0.1/32",
    ]);
    rib.change([{ prefix: prefix(7), communities: communities("1:2") }], []);
    rib.change([{ prefix: prefix(7), communities: [] }], []);
    expect(drain(rib)).toEqual([]);
  });

  test("announces what fits into a message, and names what does not; it is withdrawn where it was told", () => {
    const rib = new AdjRibOut();
    const many = (count: number) =>
      Array.from({ length: count }, (_, value): Community => ({ kind: "standard", value }));
    rib.replace([
      { prefix: prefix(1), communities: many(1_000) },
      { prefix: prefix(2), communities: [] },
    ]);
    rib.open(external);
    expect(
      drain(rib)
        .flatMap((each) => announcedPrefixes(decode(each)))
        .map(formatPrefix),
    ).toEqual(["10.0.0.1/32", "10.0.0.2/32"]);
    expect(rib.takeOversized()).toBeUndefined();
    rib.change([{ prefix: prefix(1), communities: many(1_020) }], []);
    expect(rib.takeOversized()).toEqual(prefix(1));
    expect(rib.takeOversized()).toBeUndefined();
    expect(
      drain(rib)
        .flatMap((each) => withdrawnPrefixes(decode(each)))
        .map(formatPrefix),
    ).toEqual(["10.0.0.1/32"]);
    rib.change([{ prefix: prefix(1), communities: many(10) }], []);
    expect(
      drain(rib)
        .flatMap((each) => announcedPrefixes(decode(each)))
        .map(formatPrefix),
    ).toEqual(["10.0.0.1/32"]);
  });

  test("frames the answer to a refresh where both sides can (RFC 7313 §4.2), and says GRACEFUL_SHUTDOWN where it is on", () => {
    const rib = new AdjRibOut();
    rib.replace(routes(2));
    rib.open(external);
    drain(rib);
    rib.refresh(ipv4Unicast, true);
    expect(drain(rib).map(({ type = "UPDATE", text }) => `${type}: ${text.slice(0, 40)}`)).toEqual([
      "ROUTE-REFRESH: ROUTE-REFRESH begin ipv4-unicast",
      "UPDATE: UPDATE announces 10.0.0.0/32, 10.0.0.1/3",
      "ROUTE-REFRESH: ROUTE-REFRESH end ipv4-unicast",
    ]);
    rib.refresh(ipv6Unicast, true);
    expect(drain(rib)).toEqual([]);
    expect([rib.setGracefulShutdown(true), rib.setGracefulShutdown(true)]).toEqual([true, false]);
    expect(drain(rib).map((each) => decode(each).attributes.COMMUNITIES)).toEqual([[0xffff0000]]);
    const internal = { ...external, isExternal: false };
    rib.close();
    rib.open(internal);
    expect(drain(rib).map((each) => decode(each, internal).attributes.LOCAL_PREF)[0]).toBe(0);
  });

  test("takes communities as a set, whatever their order", () => {
    const rib = new AdjRibOut();
    const route = {
      prefix: prefix(1),
      communities: communities("2:2", "1:1", "large:9:8:7", "large:1:2:3", "1:1"),
    };
    rib.replace([route]);
    rib.open(external);
    const attributes = drain(rib).map((update) => decode(update).attributes)[0];
    expect(attributes?.COMMUNITIES).toEqual([0x10001, 0x20002]);
    expect(attributes?.LARGE_COMMUNITY?.map(formatCommunity)).toEqual(["large:1:2:3", "large:9:8:7"]);
    rib.replace([{ ...route, communities: communities("large:1:2:3", "1:1", "2:2", "large:9:8:7") }]);
    expect(drain(rib)).toEqual([]);
  });

  test.each<[string, Partial<ExportContext>, Partial<Route>, string, number | undefined, string]>([
    ["an external peer", {}, {}, "4200000001", undefined, "10.99.0.8"],
    ["an external peer, whatever LOCAL_PREF", {}, { localPref: 300 }, "4200000001", undefined, "10.99.0.8"],
    ["an internal peer", { isExternal: false }, {}, "empty", 100, "10.99.0.8"],
    ["an internal peer, LOCAL_PREF", { isExternal: false }, { localPref: 0 }, "empty", 0, "10.99.0.8"],
    ["a peer of two octets", { fourOctetAs: false }, {}, "4200000001", undefined, "10.99.0.8"],
    ["another next hop", {}, { nextHop: address("192.0.2.1") }, "4200000001", undefined, "192.0.2.1"],
  ])("tells %s its path, preference and next hop", (_, session, route, path, localPref, nextHop) => {
    const given = { ...external, ...session };
    const rib = new AdjRibOut();
    rib.replace([{ prefix: prefix(1), communities: [], ...route }]);
    rib.open(given);
    const [update] = drain(rib);
    const attributes = update && decode(update, given).attributes;
    expect(formatAsPath(attributes?.AS_PATH ?? [])).toBe(path);
    expect(attributes?.LOCAL_PREF).toBe(localPref);
    expect(attributes?.NEXT_HOP).toEqual(address(nextHop));
  });

  test("sends AS_TRANS and AS4_PATH to a peer of two octets (RFC 6793 §4.2.2)", () => {
    const rib = new AdjRibOut();
    rib.replace(routes(1));
    rib.open({ ...external, fourOctetAs: false });
    expect(drain(rib)[0]?.bytes.toHex()).toContain(
      "40020402015ba0" + "4003040a630008" + "c011060201fa56ea01",
    );
  });

  test("announces no IPv6 prefix in a session that does not carry them", () => {
    const rib = new AdjRibOut();
    rib.replace([{ prefix: { address: address("2001:db8::1"), length: 128 }, communities: [] }]);
    rib.open(external);
    expect(rib.pending).toBe(0);
    expect(drain(rib).length).toBe(1);
    rib.replace([]);
    expect(drain(rib)).toEqual([]);
  });

  test("announces no prefix whose next hop would be of the other family", () => {
    const rib = new AdjRibOut();
    rib.replace([
      { prefix: prefix(1), communities: [] },
      { prefix: prefix(2), communities: [], nextHop: address("192.0.2.1") },
    ]);
    rib.open({ ...external, nextHops: {} });
    expect(rib.pending).toBe(1);
    expect(drain(rib)[0]?.text).toContain("announces 10.0.0.2/32");
    rib.change([{ prefix: prefix(2), communities: [] }], []);
    expect(drain(rib).map(({ text }) => text)).toEqual(["UPDATE withdraws 10.0.0.2/32"]);
    rib.change([{ prefix: prefix(2), communities: [], nextHop: address("2001:db8::8") }], []);
    expect(rib.pending).toBe(0);
  });

  test("packs IPv6 prefixes in MP_REACH_NLRI and MP_UNREACH_NLRI, apart from IPv4 ones", () => {
    const session: ExportContext = {
      ...external,
      families: [ipv4Unicast, ipv6Unicast],
      nextHops: { ...external.nextHops, ipv6: [address("fd99::8")] },
    };
    const many = Array.from({ length: 1_000 }, (_, index) => ({ prefix: prefix6(index), communities: [] }));
    const rib = new AdjRibOut();
    const peer = new Peer(session);
    rib.replace([...routes(2), ...many]);
    rib.open(session);
    const updates = drain(rib);
    peer.read(updates);
    // 237 prefixes of 17 octets fit beside the attributes and the next hop.
    expect(updates.length).toBe(1 + 5 + 2);
    expect(updates[1]?.text).toBe(
      "UPDATE announces 2001:db8::/128, 2001:db8::1/128, 2001:db8::2/128, … (237 prefixes); ORIGIN IGP; AS_PATH 4200000001; MP_REACH_NLRI ipv6-unicast next hop fd99::8",
    );
    expect(peer.endsOfRib).toEqual(["ipv4-unicast", "ipv6-unicast"]);
    expect([peer.table.size, rib.announcedOf("ipv4"), rib.announcedOf("ipv6")]).toEqual([1_002, 2, 1_000]);
    rib.replace(routes(2));
    peer.read(drain(rib));
    expect([peer.table.size, rib.announcedOf("ipv6"), rib.pending]).toEqual([2, 0, 0]);
  });

  test("sends and withdraws IPv4 prefixes with an IPv6 next hop where the session has one (RFC 8950)", () => {
    const session: ExportContext = { ...external, nextHops: { ipv4: [address("fe80::8")] } };
    const rib = new AdjRibOut();
    const peer = new Peer(session);
    rib.replace(routes(1));
    rib.open(session);
    const updates = drain(rib);
    peer.read(updates);
    expect(updates.map(({ text }) => text)).toEqual([
      "UPDATE announces 10.0.0.0/32; ORIGIN IGP; AS_PATH 4200000001; MP_REACH_NLRI ipv4-unicast next hop fe80::8",
      "UPDATE End-of-RIB ipv4-unicast",
    ]);
    rib.replace([]);
    const [gone] = drain(rib);
    expect(gone && decode(gone, session).attributes.MP_UNREACH_NLRI?.withdrawn.length).toBe(1);
    expect(gone?.text).toBe("UPDATE withdraws 10.0.0.0/32");
  });

  test("says End-of-RIB once all is sent, and not before anybody said what all is", () => {
    const rib = new AdjRibOut();
    rib.open(external);
    rib.change(routes(1), []);
    expect(drain(rib).length).toBe(1);
    rib.replace(routes(2));
    expect(drain(rib).map(({ text }) => text)).toEqual([
      expect.stringContaining("announces 10.0.0.1/32"),
      "UPDATE End-of-RIB ipv4-unicast",
    ]);
  });

  test("take() stops at about the octets it was given", () => {
    const rib = new AdjRibOut();
    rib.replace(routes(10_000));
    rib.open(external);
    expect(rib.take(8_000).length).toBe(2);
    expect(rib.announced + rib.pending).toBe(10_000);
  });

  test("sends everything again when asked, also what is changed meanwhile", () => {
    const rib = new AdjRibOut();
    const peer = new Peer();
    rib.replace(routes(3));
    rib.open(external);
    peer.read(drain(rib));
    rib.refresh({ afi: 2, safi: 1 });
    expect(rib.pending).toBe(0);
    rib.refresh(ipv4Unicast);
    expect([rib.pending, rib.announced]).toEqual([3, 3]);
    rib.change([{ prefix: prefix(1), communities: communities("1:1") }], [prefix(2)]);
    rib.change([{ prefix: prefix(1), communities: [] }], []);
    const again = drain(rib);
    expect(again.map((update) => decode(update).nlri.length)).toEqual([2, 0]);
    peer.read(again);
    expect(peer.table.size).toBe(2);
  });

  test("a peer always ends with what is desired, by any path, and no set of attributes leaks", () => {
    const texts = fc.subarray(["1:1", "2:2", "large:1:2:3"]);
    const route = fc.record({
      prefix: fc
        .tuple(fc.nat(12), fc.constantFrom(24, 31, 32), fc.boolean())
        .map(([index, length, isIpv6]) => (isIpv6 ? prefix6(index) : prefix(index * 300, length))),
      localPref: fc.constantFrom(100, 200),
      communities: texts.map((each) => communities(...each)),
    });
    const step = fc.oneof(
      fc.record({ do: fc.constant("replace" as const), routes: fc.array(route, { maxLength: 8 }) }),
      fc.record({
        do: fc.constant("change" as const),
        routes: fc.array(route, { maxLength: 3 }),
        gone: fc.array(fc.nat(12), { maxLength: 3 }),
      }),
      fc.record({ do: fc.constant("open" as const) }),
      fc.record({ do: fc.constant("close" as const) }),
      fc.record({ do: fc.constant("refresh" as const) }),
      fc.record({ do: fc.constant("take" as const), bytes: fc.nat(120) }),
    );
    const hop4 = { ipv4: [address("10.99.0.8")] };
    const hop6 = [address("2001:db8::8"), address("fe80::8")];
    const families = [ipv4Unicast, ipv6Unicast];
    const internal = { ...external, isExternal: false, families, nextHops: { ...hop4, ipv6: hop6 } };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const rib = new AdjRibOut();
        const desired = new Map<string, Route>();
        let peer = new Peer(internal);
        let isOpen = false;
        const want = (wanted: Route) => desired.set(formatPrefix(wanted.prefix), wanted);
        for (const each of steps) {
          if (each.do === "replace") {
            desired.clear();
            each.routes.forEach(want);
            rib.replace(each.routes);
          } else if (each.do === "change") {
            each.routes.forEach(want);
            const gone = each.gone.flatMap((index) => [prefix(index * 300), prefix6(index)]);
            for (const one of gone) desired.delete(formatPrefix(one));
            rib.change(each.routes, gone);
          } else if (each.do === "open") {
            rib.close();
            peer = new Peer(internal);
            rib.open(internal);
            isOpen = true;
          } else if (each.do === "close") {
            rib.close();
            peer = new Peer(internal);
            isOpen = false;
            expect([rib.announced, rib.pending]).toEqual([0, desired.size]);
          } else if (each.do === "take") {
            peer.read(rib.take(each.bytes));
            expect(rib.announced).toBe(peer.table.size);
          } else {
            rib.refresh(ipv4Unicast);
          }
        }
        if (!isOpen) rib.open(internal);
        peer.read(drain(rib));
        const expected: [string, string][] = [...desired.values()].map(
          ({ prefix: of, localPref, communities: list }) => [
            formatPrefix(of),
            words({
              ...(of.address.family === "ipv4"
                ? { NEXT_HOP: address("10.99.0.8") }
                : { MP_REACH_NLRI: { ...ipv6Unicast, nextHops: hop6, nlri: [] } }),
              ...(localPref !== undefined && { LOCAL_PREF: localPref }),
              COMMUNITIES: list.flatMap((one) => (one.kind === "standard" ? [one.value] : [])),
              LARGE_COMMUNITY: list.flatMap((one) => (one.kind === "large" ? [one] : [])),
            }),
          ],
        );
        expect([...peer.table].sort()).toEqual(expected.sort());
        rib.replace([]);
        peer.read(drain(rib));
        expect([peer.table.size, rib.announced, rib.pending, rib.attributeSets]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("AdjRibIn", () => {
  test("counts distinct prefixes, and a prefix both withdrawn and announced as announced (RFC 4271 §4.3)", () => {
    const rib = new AdjRibIn();
    rib.receive({ withdrawn: [], nlri: [prefix(1), prefix(2), prefix(1)], attributes: {} });
    expect(rib.count).toBe(2);
    rib.receive({ withdrawn: [prefix(1), prefix(2), prefix(9)], nlri: [prefix(2)], attributes: {} });
    expect(rib.count).toBe(1);
    const nlri = [prefix6(1), prefix6(2)];
    rib.receive({
      withdrawn: [],
      nlri: [],
      attributes: { MP_REACH_NLRI: { ...ipv6Unicast, nextHops: [], nlri } },
    });
    expect([rib.count, rib.countOf("ipv4"), rib.countOf("ipv6")]).toEqual([3, 1, 2]);
    const withdrawn = [prefix6(2)];
    rib.receive({ withdrawn: [], nlri: [], attributes: { MP_UNREACH_NLRI: { ...ipv6Unicast, withdrawn } } });
    expect(rib.countOf("ipv6")).toBe(1);
    rib.clear();
    expect(rib.count).toBe(0);
  });

  test("holds no more than its limit", () => {
    const rib = new AdjRibIn();
    for (let start = 0; start < 210_000; start += 1_000) {
      rib.receive({
        withdrawn: [],
        nlri: Array.from({ length: 1_000 }, (_, index) => prefix(start + index)),
        attributes: {},
      });
    }
    expect([rib.count, rib.isFull]).toEqual([200_000, true]);
  });
});
