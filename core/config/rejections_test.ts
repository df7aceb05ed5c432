import { describe, expect, test } from "bun:test";
import { none, object } from "./fixtures.ts";
import { type ConfigResources, parseConfig } from "./mod.ts";

/**
 * The lists of MetalLB's own configuration parser (internal/config), a row for a clause: what it rejects, and what it
 * lets pass though one might think otherwise. Where the product differs the row says so.
 */
type Row = [clause: string, resources: Partial<ConfigResources>, found: string];

const range = { addresses: ["10.0.0.0/24"] };
const peer = { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1" };
const gold = { matchLabels: { tier: "gold" } };
const inOrder = { matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }] };
const reordered = { matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a"] }] };

const pool = (spec: object, name = "p", day = 1) => object("IPAddressPool", name, spec, day);
const l2 = (spec: object) => ({ l2Advertisements: [object("L2Advertisement", "l2", spec)] });
const bgp = (...specs: object[]) => ({
  bgpAdvertisements: specs.map((spec, at) => object("BGPAdvertisement", `bgp${at}`, spec, at + 1)),
});
const peers = (...specs: object[]) => ({
  peers: specs.map((spec, at) => object("BGPPeer", `peer${at}`, spec, at + 1)),
});
const community = (name: string, ...communities: object[]) => object("Community", name, { communities });
const nodes = [
  { name: "a", labels: { rack: "a" } },
  { name: "b", labels: { rack: "b" } },
];
const rack = (name: string) => ({ nodeSelectors: [{ matchLabels: { rack: name } }] });

const rejected: Row[] = [
  ["pool: empty name", { pools: [pool(range, "")] }, "IPAddressPool  metadata.name name.missing"],
  ["pool: no addresses", { pools: [pool({ addresses: [] })] }, "IPAddressPool p spec.addresses pool.empty"],
  [
    "pool: bad CIDR",
    { pools: [pool({ addresses: ["10.0.0.0/33"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: bad range",
    { pools: [pool({ addresses: ["10.0.0.1~10.0.0.2"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: bad start",
    { pools: [pool({ addresses: ["10.0.0-10.0.0.2"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: bad end",
    { pools: [pool({ addresses: ["10.0.0.1-10.0.0"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: start after end",
    { pools: [pool({ addresses: ["10.0.0.2-10.0.0.1"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: both families in one range (MetalLB: silently empty)",
    { pools: [pool({ addresses: ["10.0.0.1-2001:db8::1"] })] },
    "IPAddressPool p spec.addresses[0] pool.range-malformed",
  ],
  [
    "pool: duplicate name",
    { pools: [pool(range), pool({ addresses: ["10.9.0.0/24"] })] },
    "IPAddressPool p metadata.name name.duplicate",
  ],
  [
    "pool: overlap",
    { pools: [pool(range), pool({ addresses: ["10.0.0.128/25"] }, "q", 2)] },
    "IPAddressPool q spec.addresses[0] pool.overlap",
  ],
  [
    "pool: duplicate namespaces",
    { pools: [pool({ ...range, serviceAllocation: { namespaces: ["x", "x"] } })] },
    "IPAddressPool p spec.serviceAllocation.namespaces[1] list.duplicate",
  ],
  [
    "pool: duplicate namespaceSelectors",
    { pools: [pool({ ...range, serviceAllocation: { namespaceSelectors: [gold, gold] } })] },
    "IPAddressPool p spec.serviceAllocation.namespaceSelectors[1] selector.duplicate",
  ],
  [
    "pool: duplicate serviceSelectors, values in another order",
    { pools: [pool({ ...range, serviceAllocation: { serviceSelectors: [inOrder, reordered] } })] },
    "IPAddressPool p spec.serviceAllocation.serviceSelectors[1] selector.duplicate",
  ],
  [
    "pool: selector with an invalid operator",
    {
      pools: [
        pool({
          ...range,
          serviceAllocation: {
            serviceSelectors: [{ matchExpressions: [{ key: "a", operator: "Is", values: ["b"] }] }],
          },
        }),
      ],
    },
    "IPAddressPool p spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].operator selector.operator",
  ],
  ...["ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"].flatMap((field): Row[] => [
    [
      `L2Advertisement: two equal ${field}`,
      l2({ [field]: [gold, gold] }),
      `L2Advertisement l2 spec.${field}[1] selector.duplicate`,
    ],
    [
      `BGPAdvertisement: two equal ${field}`,
      bgp({ [field]: [gold, gold] }),
      `BGPAdvertisement bgp0 spec.${field}[1] selector.duplicate`,
    ],
  ]),
  [
    "BGPPeer: two equal nodeSelectors",
    peers({ ...peer, nodeSelectors: [gold, gold] }),
    "BGPPeer peer0 spec.nodeSelectors[1] selector.duplicate",
  ],
  [
    "selector: two equal matchExpressions",
    l2({
      nodeSelectors: [{ matchExpressions: [...inOrder.matchExpressions, ...reordered.matchExpressions] }],
    }),
    "L2Advertisement l2 spec.nodeSelectors[0].matchExpressions[1] selector.duplicate",
  ],
  [
    "selector: duplicate values",
    l2({ nodeSelectors: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b", "b"] }] }] }),
    "L2Advertisement l2 spec.nodeSelectors[0].matchExpressions[0].values[1] list.duplicate",
  ],
  [
    "L2Advertisement: duplicate ipAddressPools",
    l2({ ipAddressPools: ["p", "p"] }),
    "L2Advertisement l2 spec.ipAddressPools[1] list.duplicate",
  ],
  [
    "BGPAdvertisement: duplicate ipAddressPools",
    bgp({ ipAddressPools: ["p", "p"] }),
    "BGPAdvertisement bgp0 spec.ipAddressPools[1] list.duplicate",
  ],
  [
    "BGPAdvertisement: duplicate communities",
    bgp({ communities: ["1:1", "1:1"] }),
    "BGPAdvertisement bgp0 spec.communities[1] list.duplicate",
  ],
  [
    "BGPAdvertisement: duplicate peers",
    bgp({ peers: ["a", "a"] }),
    "BGPAdvertisement bgp0 spec.peers[1] list.duplicate",
  ],
  [
    "BGPAdvertisement: the same object twice",
    { bgpAdvertisements: [bgp({}), bgp({})].flatMap((each) => each.bgpAdvertisements) },
    "BGPAdvertisement bgp0 metadata.name name.duplicate",
  ],
  [
    "BGPAdvertisement: aggregationLength above 32",
    bgp({ aggregationLength: 33 }),
    "BGPAdvertisement bgp0 spec.aggregationLength field.range",
  ],
  [
    "BGPAdvertisement: aggregationLengthV6 above 128",
    bgp({ aggregationLengthV6: 129 }),
    "BGPAdvertisement bgp0 spec.aggregationLengthV6 field.range",
  ],
  [
    "BGPAdvertisement: serviceSelectors with an aggregate",
    bgp({ serviceSelectors: [gold], aggregationLength: 24 }),
    "BGPAdvertisement bgp0 spec.aggregationLength advertisement.selectors-with-aggregation",
  ],
  [
    "BGPAdvertisement: aggregate wider than one of the pool's entries",
    { pools: [pool({ addresses: ["10.0.0.0/24", "10.1.0.0/28"] })], ...bgp({ aggregationLength: 26 }) },
    "BGPAdvertisement bgp0 spec.aggregationLength advertisement.aggregation-too-short",
  ],
  [
    "BGPAdvertisement: localPref conflict",
    { pools: [pool(range)], ...bgp({ localPref: 100 }, { localPref: 200 }) },
    "BGPAdvertisement bgp1 spec.localPref advertisement.local-pref-conflict",
  ],
  [
    "Community: bad value",
    { communities: [community("c", { name: "x", value: "65536:1" })] },
    "Community c spec.communities[0].value community.malformed",
  ],
  [
    "Community: duplicate alias in one object",
    { communities: [community("c", { name: "x", value: "1:1" }, { name: "x", value: "1:2" })] },
    "Community c spec.communities[1].name community.duplicate",
  ],
  [
    "Community: duplicate alias in two objects",
    { communities: ["c", "d"].map((name) => community(name, { name: "x", value: "1:1" })) },
    "Community d spec.communities[0].name community.duplicate",
  ],
  [
    "BFDProfile: no name",
    { bfdProfiles: [object("BFDProfile", "", {})] },
    "BFDProfile  metadata.name name.missing",
  ],
  [
    "BFDProfile: duplicates",
    { bfdProfiles: [object("BFDProfile", "b", {}), object("BFDProfile", "b", {})] },
    "BFDProfile b metadata.name name.duplicate",
  ],
  [
    "BFDProfile: out of range",
    { bfdProfiles: [object("BFDProfile", "b", { detectMultiplier: 1 })] },
    "BFDProfile b spec.detectMultiplier field.range",
  ],
  ["BGPPeer: myASN 0", peers({ ...peer, myASN: 0 }), "BGPPeer peer0 spec.myASN field.range"],
  [
    "BGPPeer: neither ASN nor dynamicASN",
    peers({ ...peer, peerASN: 0 }),
    "BGPPeer peer0 spec.peerASN peer.asn-or-dynamic",
  ],
  [
    "BGPPeer: both",
    peers({ ...peer, dynamicASN: "internal" }),
    "BGPPeer peer0 spec.peerASN peer.asn-or-dynamic",
  ],
  [
    "BGPPeer: invalid dynamicASN",
    peers({ ...peer, peerASN: 0, dynamicASN: "x" }),
    "BGPPeer peer0 spec.dynamicASN peer.dynamic-asn",
  ],
  [
    "BGPPeer: ebgpMultiHop to the own ASN",
    peers({ ...peer, peerASN: 64512, ebgpMultiHop: true }),
    "BGPPeer peer0 spec.ebgpMultiHop peer.multihop-ibgp",
  ],
  [
    "BGPPeer: neither address nor interface",
    peers({ ...peer, peerAddress: "" }),
    "BGPPeer peer0 spec.peerAddress peer.address-or-interface",
  ],
  [
    "BGPPeer: both of them",
    peers({ ...peer, interface: "eth0" }),
    "BGPPeer peer0 spec.peerAddress peer.address-or-interface",
  ],
  ...["peerAddress", "routerID", "sourceAddress"].map(
    (field): Row => [
      `BGPPeer: unparsable ${field}`,
      peers({ ...peer, [field]: "x" }),
      `BGPPeer peer0 spec.${field} peer.address-malformed`,
    ],
  ),
  [
    "BGPPeer: hold time of 1 to 2 s",
    peers({ ...peer, holdTime: "2900ms" }),
    "BGPPeer peer0 spec.holdTime peer.hold-time",
  ],
  [
    "BGPPeer: keepalive above hold",
    peers({ ...peer, holdTime: "9s", keepaliveTime: "10s" }),
    "BGPPeer peer0 spec.keepaliveTime peer.keepalive-time",
  ],
  [
    "BGPPeer: password and Secret",
    peers({ ...peer, password: "x", passwordSecret: { name: "s" } }),
    "BGPPeer peer0 spec.password peer.two-passwords",
  ],
  [
    "BGPPeer: Secret missing",
    { ...peers({ ...peer, passwordSecret: { name: "s" } }), secrets: [] },
    "BGPPeer peer0 spec.passwordSecret.name peer.secret-unknown",
  ],
  [
    "BGPPeer: Secret of the wrong type",
    {
      ...peers({ ...peer, passwordSecret: { name: "s" } }),
      secrets: [{ name: "s", type: "Opaque", password: "x" }],
    },
    "BGPPeer peer0 spec.passwordSecret.name peer.secret-type",
  ],
  [
    "BGPPeer: Secret without password",
    {
      ...peers({ ...peer, passwordSecret: { name: "s" } }),
      secrets: [{ name: "s", type: "kubernetes.io/basic-auth" }],
    },
    "BGPPeer peer0 spec.passwordSecret.name peer.secret-no-password",
  ],
  [
    "BGPPeer: unknown bfdProfile",
    peers({ ...peer, bfdProfile: "b" }),
    "BGPPeer peer0 spec.bfdProfile peer.bfd-profile-unknown",
  ],
  [
    "BGPPeer: the same object twice",
    { peers: [peers(peer), peers(peer)].flatMap((each) => each.peers) },
    "BGPPeer peer0 metadata.name name.duplicate",
  ],
  [
    "BGPPeer: one address twice on a common node (E204)",
    { ...peers(peer, { ...peer, ...rack("a") }), nodes },
    "BGPPeer peer1 spec.peerAddress peer.same-target",
  ],
  [
    "cross: an IPv6 pool to a peer whose BFDProfile has echoMode",
    {
      pools: [pool({ addresses: ["2001:db8::/64"] })],
      bfdProfiles: [object("BFDProfile", "b", { echoMode: true })],
      ...peers({ ...peer, bfdProfile: "b" }),
      ...bgp({}),
    },
    "BGPAdvertisement bgp0 spec.peers advertisement.echo-ipv6",
  ],
];

const accepted: [clause: string, resources: Partial<ConfigResources>][] = [
  [
    "a pool in every form, spaces around the dash too",
    {
      pools: [
        pool({
          addresses: [
            "10.0.0.0/24",
            "10.0.1.1 - 10.0.1.9",
            "2001:db8::/64",
            "2001:db8:1::1-2001:db8:1::ff",
            "10.0.2.7/32",
          ],
        }),
      ],
    },
  ],
  [
    "an advertisement that names a pool which does not exist",
    { ...l2({ ipAddressPools: ["later"] }), ...bgp({ ipAddressPools: ["later"] }) },
  ],
  [
    "a pool both by name and by selector",
    {
      pools: [object("IPAddressPool", "p", range, 1, { tier: "gold" })],
      ...bgp({ ipAddressPools: ["p"], ipAddressPoolSelectors: [gold] }),
    },
  ],
  [
    "equal preferredNodeSelectors, which are not compared",
    l2({ preferredNodeSelectors: [1, 1].map((weight) => ({ weight, preference: gold })) }),
  ],
  [
    "an aggregate that one part of a range is inside of",
    { pools: [pool({ addresses: ["10.0.0.1-10.0.0.254"] })], ...bgp({ aggregationLength: 26 }) },
  ],
  ["an aggregate without a pool", bgp({ aggregationLength: 1, aggregationLengthV6: 0 })],
  [
    "different localPref for different lengths",
    { pools: [pool(range)], ...bgp({ localPref: 100, aggregationLength: 24 }, { localPref: 200 }) },
  ],
  [
    "different localPref with serviceSelectors",
    { pools: [pool(range)], ...bgp({ localPref: 100, serviceSelectors: [gold] }, { localPref: 200 }) },
  ],
  [
    "different localPref on different nodes",
    {
      pools: [pool(range)],
      ...bgp({ localPref: 100, ...rack("a") }, { localPref: 200, ...rack("b") }),
      nodes,
    },
  ],
  [
    "timers of 0, and one timer alone",
    peers(
      { ...peer, holdTime: "0s", keepaliveTime: "0s" },
      { ...peer, peerAddress: "192.0.2.2", holdTime: "9s" },
      { ...peer, peerAddress: "192.0.2.3", keepaliveTime: "3s" },
    ),
  ],
  [
    "ebgpMultiHop with a dynamic ASN",
    peers({ ...peer, peerASN: 0, dynamicASN: "internal", ebgpMultiHop: true }),
  ],
  ["an unnumbered peer", peers({ ...peer, peerAddress: "", interface: "eth0" })],
  [
    "one address on different nodes (E205)",
    { ...peers({ ...peer, ...rack("a") }, { ...peer, ...rack("b") }), nodes },
  ],
  [
    "one address in another VRF, or at another port (MetalLB: rejected)",
    peers(peer, { ...peer, vrf: "red" }, { ...peer, peerPort: 1179 }),
  ],
  [
    "echoMode with IPv4 pools only",
    {
      pools: [pool(range)],
      bfdProfiles: [object("BFDProfile", "b", { echoMode: true })],
      ...peers({ ...peer, bfdProfile: "b" }),
      ...bgp({}),
    },
  ],
  [
    "large communities, which MetalLB's native mode refuses",
    {
      communities: [community("c", { name: "x", value: "large:1:2:3" })],
      ...bgp({ communities: ["x", "large:4:5:6"] }),
    },
  ],
];

function found(resources: Partial<ConfigResources>): string[] {
  const { issues } = parseConfig({ ...none, ...resources });
  return issues.map(({ kind, name, path, code }) => `${kind} ${name} ${path} ${code}`);
}

describe("MetalLB's parser rejects, and so does parseConfig():", () => {
  test.each(rejected)("%s", (_, resources, expected) => {
    expect(found(resources)).toEqual([expected]);
  });
});

describe("parseConfig() accepts:", () => {
  test.each(accepted)("%s", (_, resources) => {
    expect(found(resources)).toEqual([]);
  });
});
