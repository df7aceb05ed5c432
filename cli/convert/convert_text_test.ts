import { describe, expect, test } from "bun:test";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "./convert_config.ts";
import { convertText } from "./convert_text.ts";
import { catalogues, sayFor } from "./texts.ts";

const say = sayFor({});
const convert = (text: string, namespace?: string) => convertText(text, { namespace, say });
const manifests = (yaml: string) => parseAllDocuments(yaml).map((each) => each.toJS() as Manifest);
const configMap = (config: string, metadata = "{ name: config, namespace: lb }") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\ndata:\n  config: |\n${config.replaceAll(/^/gm, "    ")}`;

const full = `
peers:
- peer-address: 10.0.0.1
  peer-asn: 64512
  my-asn: 64513
  peer-port: 1179
  source-address: 10.0.0.2
  hold-time: 120s
  keepalive-time: 30s
  router-id: 1.2.3.4
  password: 007
  bfd-profile: Fast_Profile
  ebgp-multihop: yes
  node-selectors:
  - match-labels:
      kubernetes.io/hostname: prod-01
    match-expressions:
    - key: kubernetes.io/arch
      operator: In
      values: [amd64, arm]
- { peer-address: 10.0.0.9, peer-asn: 64512, my-asn: 64512 }
address-pools:
- name: my-ip-space
  protocol: bgp
  addresses: [198.51.100.0/24, 192.0.2.0/24]
  avoid-buggy-ips: true
  auto-assign: false
  bgp-advertisements:
  - aggregation-length: 32
    aggregation-length-v6: 64
    localpref: 100
    communities: [64512:1, no-export]
  - aggregation-length: 24
- { name: plain-bgp, protocol: bgp, addresses: [203.0.113.0/28] }
- { name: my-l2-space, protocol: layer2, addresses: ["192.168.1.150-192.168.1.200"] }
bgp-communities:
  no-export: 65535:65281
  local: 64512:20
bfd-profiles:
- { name: Fast_Profile, receive-interval: 280, transmit-interval: 270, echo-interval: 62, echo-mode: false, passive-mode: true, minimum-ttl: 254, detect-multiplier: 200 }
`;

describe("convertText()", () => {
  test("carries every field of every section, in the order and under the names of configmaptocrs", () => {
    const { yaml, told, isWhole } = convert(configMap(full));
    const made = manifests(yaml);
    expect(made.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      "BGPPeer/peer1",
      "BGPPeer/peer2",
      "IPAddressPool/my-ip-space",
      "IPAddressPool/plain-bgp",
      "IPAddressPool/my-l2-space",
      "BGPAdvertisement/bgpadvertisement1",
      "BGPAdvertisement/bgpadvertisement2",
      "BGPAdvertisement/bgpadvertisement3",
      "L2Advertisement/l2advertisement1",
      "BFDProfile/fast-profile",
      "Community/communities",
    ]);
    expect(made.map(({ metadata }) => metadata.namespace)).toEqual(made.map(() => "lb"));
    expect(made.map(({ spec }) => spec)).toEqual([
      {
        myASN: 64513,
        peerASN: 64512,
        peerAddress: "10.0.0.1",
        peerPort: 1179,
        sourceAddress: "10.0.0.2",
        holdTime: "120s",
        keepaliveTime: "30s",
        routerID: "1.2.3.4",
        password: "007",
        bfdProfile: "fast-profile",
        ebgpMultiHop: true,
        nodeSelectors: [
          {
            matchLabels: { "kubernetes.io/hostname": "prod-01" },
            matchExpressions: [{ key: "kubernetes.io/arch", operator: "In", values: ["amd64", "arm"] }],
          },
        ],
      },
      { peerAddress: "10.0.0.9", peerASN: 64512, myASN: 64512, holdTime: "90s" },
      {
        addresses: ["198.51.100.0/24", "192.0.2.0/24"],
        avoidBuggyIPs: true,
        autoAssign: false,
      },
      { addresses: ["203.0.113.0/28"] },
      { addresses: ["192.168.1.150-192.168.1.200"] },
      {
        aggregationLength: 32,
        aggregationLengthV6: 64,
        localPref: 100,
        communities: ["64512:1", "no-export"],
        ipAddressPools: ["my-ip-space"],
      },
      { aggregationLength: 24, ipAddressPools: ["my-ip-space"] },
      { ipAddressPools: ["plain-bgp"] },
      { ipAddressPools: ["my-l2-space"] },
      {
        receiveInterval: 280,
        transmitInterval: 270,
        echoInterval: 62,
        echoMode: false,
        passiveMode: true,
        minimumTtl: 254,
        detectMultiplier: 200,
      },
      {
        communities: [
          { name: "local", value: "64512:20" },
          { name: "no-export", value: "65535:65281" },
        ],
      },
    ]);
    expect(isWhole).toBe(true);
    expect(told.filter((line) => line.startsWith("!"))).toEqual([
      expect.stringContaining('bfd-profiles[0].name: "Fast_Profile" cannot be the name'),
      expect.stringContaining("peers[0].password: the password stands in the BGPPeer"),
    ]);
  });

  test("reads the bare configuration, JSON, and a List that holds the ConfigMap", () => {
    const bare = "address-pools: [{ name: a1, protocol: layer2, addresses: [10.0.0.0/24] }]";
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "config" },
      data: { config: bare },
    };
    const root = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kube-root-ca.crt" },
      data: { "ca.crt": "x" },
    };
    const list = { apiVersion: "v1", kind: "List", items: [root, object] };
    const expected = convert(bare).yaml;
    expect(expected).toContain("namespace: metallb-system");
    expect(convert(JSON.stringify(object)).yaml).toBe(expected);
    expect(convert(JSON.stringify(list)).yaml).toBe(expected);
  });

  test("prefers the namespace that is asked for", () => {
    const { yaml } = convert(
      configMap("address-pools: [{ name: a1, protocol: layer2, addresses: [10.0.0.0/24] }]"),
      "x",
    );
    expect(manifests(yaml)[0]?.metadata.namespace).toBe("x");
  });

  test.each([
    ["an unknown section", "address-pool: []\npeers: []", "✗ address-pool: MetalLB had no such field"],
    [
      "an unknown field",
      "peers: [{ bfdProfile: x }]",
      "✗ peers[0].bfdProfile: MetalLB had no such field; known here: my-asn",
    ],
    ["no number", "peers: [{ my-asn: many }]", '✗ peers[0].my-asn: "many" is not a whole number'],
    ["no list", "address-pools: { a: b }", '✗ address-pools: {"a":"b"} is not a list'],
    [
      "no protocol",
      "address-pools: [{ name: a1, addresses: [10.0.0.0/24] }]",
      "✗ address-pools[0].protocol: it is missing",
    ],
    [
      "another protocol",
      "address-pools: [{ name: a1, protocol: l2, addresses: [10.0.0.0/24] }]",
      '✗ address-pools[0].protocol: "l2" is neither layer2 nor bgp',
    ],
    ["no name", "address-pools: [{ protocol: layer2 }]", "✗ address-pools[0].name: it has no name"],
    [
      "one name twice",
      "address-pools: [{ name: a1, protocol: layer2, addresses: [10.0.0.0/24] }, { name: a1, protocol: layer2, addresses: [10.0.1.0/24] }]",
      '✗ address-pools[1].name: "a1" is already the name of address-pools[0]',
    ],
    [
      "advertisements of layer 2",
      "address-pools: [{ name: a1, protocol: layer2, addresses: [10.0.0.0/24], bgp-advertisements: [{ localpref: 5 }] }]",
      "✗ address-pools[0].bgp-advertisements: a layer2 pool has no",
    ],
    [
      "what our own judgement rejects",
      "address-pools: [{ name: a1, protocol: layer2, addresses: [10.0.0.9-10.0.0.1] }]",
      "✗ IPAddressPool a1: spec.addresses[0]",
    ],
    [
      "a port that BGPPeer cannot name",
      "peers: [{ my-asn: 1, peer-asn: 2, peer-address: 10.0.0.1, peer-port: 20000 }]",
      "✗ BGPPeer peer1: spec.peerPort",
    ],
  ])("says what becomes of %s, with its path, and is not whole", (_, text, line) => {
    const { told, isWhole } = convert(text);
    expect(told.find((each) => each.startsWith("✗"))).toStartWith(line);
    expect(isWhole).toBe(false);
  });

  test.each([
    ["a: [1", "it is not YAML"],
    ["", "it is empty"],
    ["just words", "it is neither a ConfigMap nor"],
    ["a: b", "it is neither a ConfigMap nor"],
    ["apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }", "has no data.config"],
    ["apiVersion: metallb.io/v1beta1\nkind: IPAddressPool", "kind IPAddressPool is not a ConfigMap"],
    [
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: ["a", "b"].map((name) => ({ metadata: { name }, data: { config: "peers: []" } })),
      }),
      "2 ConfigMaps have a data.config (a, b)",
    ],
  ])("makes nothing of %j and says why", (text, words) => {
    const { yaml, told, isWhole } = convert(text);
    expect(yaml).toBe("");
    expect(told.join()).toContain(words);
    expect(isWhole).toBe(false);
  });

  test("writes texts so that YAML 1.1, which kubectl reads, takes them for texts", () => {
    const { yaml } = convert("peers: [{ my-asn: 1, peer-asn: 2, peer-address: 10.0.0.1, password: 'yes' }]");
    expect(yaml).toContain('password: "yes"');
  });
});

test("both languages have every text with the same placeholders", () => {
  const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  for (const key of Object.keys(catalogues.en) as (keyof typeof catalogues.en)[]) {
    expect([key, placeholders(catalogues.ko[key])]).toEqual([key, placeholders(catalogues.en[key])]);
  }
});
