import { beforeEach, describe, expect, test } from "bun:test";
import type { ConfigResources, Resource } from "#core/config/mod.ts";
import type { Decision } from "#core/service/mod.ts";
import { createWebhooks, validatedKinds } from "#server/mod.ts";
import { Admission } from "./admission.ts";
import { configOf, serviceOf } from "./testing.ts";

const namespace = "metallb-system";
type List = Exclude<keyof ConfigResources, "nodes" | "secrets">;

/** What is stored; each test begins with this. */
let stored: Record<List, Resource[]>;
let isListed: boolean;
const holders: Decision[] = ["web", "mail"].map(
  (name, index) =>
    ({ service: `default/${name}`, pool: "lan", addresses: [`192.0.2.${index + 1}`] }) as unknown as Decision,
);

beforeEach(() => {
  isListed = true;
  stored = {
    pools: [configOf("IPAddressPool", "lan", { addresses: ["192.0.2.0/24"] })],
    l2Advertisements: [configOf("L2Advertisement", "l2", {})],
    bgpAdvertisements: [],
    peers: [configOf("BGPPeer", "tor", { ...peer, peerAddress: "198.51.100.2", bfdProfile: "fast" })],
    bfdProfiles: [configOf("BFDProfile", "fast", {})],
    communities: [configOf("Community", "names", { communities: [{ name: "one", value: "65000:1" }] })],
  };
});

const peer = { myASN: 64512, peerASN: 64513, peerAddress: "198.51.100.1" };
const nodes = [
  {
    name: "node1",
    labels: { rack: "a" },
    networkUnavailable: false,
    internalIPs: ["198.51.100.11"],
    podCIDRs: ["10.244.0.0/24"],
  },
];

const app = createWebhooks({
  admission: new Admission({
    namespace,
    resources: () => (isListed ? stored : undefined),
    services: { values: () => [serviceOf({ name: "web" }), serviceOf({ name: "mail" })].values() },
    nodes: { values: () => nodes.values() },
    book: {
      decision: (service) => holders.find((one) => one.service === service),
      decisions: () => holders.values(),
    },
    speakers: { gateways: () => [] },
  }),
});

interface Response {
  uid: string;
  allowed: boolean;
  warnings?: string[];
  status?: {
    code: number;
    reason: string;
    message: string;
    details: { causes: { field: string; message: string }[] };
  };
}

interface Write {
  kind: string;
  name: string;
  spec?: unknown;
  old?: unknown;
  namespace?: string;
  version?: string;
  metadata?: object;
  oldMetadata?: object;
}

/** As kube-apiserver 1.32 sends it; what is not read stands here, too. */
function review(operation: string, { kind, name, spec, old, ...more }: Write): object {
  const version = more.version ?? (kind === "BGPPeer" ? "v1beta2" : "v1beta1");
  const where = more.namespace ?? namespace;
  const plural = kind === "Community" ? "communities" : `${kind.toLowerCase()}s`;
  const object = (body: unknown, metadata?: object) => ({
    apiVersion: `metallb.io/${version}`,
    kind,
    metadata: {
      name,
      namespace: where,
      uid: "9f1c0a64-6f0e-4d5c-9d0e-0c6f3f8f0001",
      creationTimestamp: "2026-11-20T10:00:00Z",
      generation: 1,
      managedFields: [{ manager: "kubectl", operation: "Update", apiVersion: `metallb.io/${version}` }],
      ...metadata,
    },
    spec: body,
  });
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "metallb.io", version, kind },
      resource: { group: "metallb.io", version, resource: plural },
      requestKind: { group: "metallb.io", version, kind },
      requestResource: { group: "metallb.io", version, resource: plural },
      name,
      namespace: where,
      operation,
      userInfo: { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] },
      object: operation === "DELETE" ? null : object(spec, more.metadata),
      oldObject: operation === "CREATE" ? null : object(old, more.oldMetadata),
      dryRun: false,
      options: { kind: `${operation}Options`, apiVersion: "meta.k8s.io/v1" },
    },
  };
}

async function ask(operation: string, write: Write): Promise<Response> {
  const path = validatedKinds.find(({ kind }) => kind === write.kind)?.path ?? "";
  const answer = await app.request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(review(operation, write)),
  });
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as { apiVersion: string; kind: string; response: Response };
  expect([body.apiVersion, body.kind]).toEqual(["admission.k8s.io/v1", "AdmissionReview"]);
  expect(body.response.uid).toBe("705ab4f5-6393-11e8-b7cc-42010a800002");
  return body.response;
}

const create = (kind: string, name: string, spec: unknown, more: Partial<Write> = {}) =>
  ask("CREATE", { kind, name, spec, ...more });
const update = (kind: string, name: string, old: unknown, spec: unknown) =>
  ask("UPDATE", { kind, name, old, spec });

describe("admission, through the webhook", () => {
  test.each<[string, string, unknown]>([
    ["a pool apart from others", "IPAddressPool", { addresses: ["203.0.113.0/24"] }],
    ["a peer", "BGPPeer", peer],
    [
      "E205 a second peer of one address on other nodes",
      "BGPPeer",
      { ...peer, peerAddress: "198.51.100.2", nodeSelectors: [{ matchLabels: { rack: "b" } }] },
    ],
    ["a peer whose BFDProfile may come later", "BGPPeer", { ...peer, bfdProfile: "later" }],
    ["a peer whose Secret the speakers look up", "BGPPeer", { ...peer, passwordSecret: { name: "later" } }],
    ["an advertisement whose alias may come later", "BGPAdvertisement", { communities: ["later"] }],
    ["a Community", "Community", { communities: [{ name: "two", value: "large:1:2:3" }] }],
    ["a BFDProfile", "BFDProfile", { receiveInterval: 300 }],
    ["an L2Advertisement", "L2Advertisement", { ipAddressPools: ["lan"] }],
  ])("allows %s", async (_, kind, spec) => {
    expect((await create(kind, "new", spec)).allowed).toBe(true);
  });

  test.each<[string, string, unknown, string, RegExp]>([
    [
      "E200 an overlapping range",
      "IPAddressPool",
      { addresses: ["192.0.2.10-192.0.2.20"] },
      "spec.addresses[0]",
      /overlaps 192\.0\.2\.0\/24 of the older IPAddressPool "lan"/,
    ],
    [
      "E201 an aggregate wider than the pool",
      "BGPAdvertisement",
      { aggregationLength: 20 },
      "spec.aggregationLength",
      /20 is shorter than 192\.0\.2\.0\/24/,
    ],
    [
      "E202 serviceSelectors with an aggregate",
      "BGPAdvertisement",
      { aggregationLength: 24, serviceSelectors: [{ matchLabels: { a: "b" } }] },
      "spec.aggregationLength",
      /cannot go with spec\.serviceSelectors/,
    ],
    [
      "E203 an unparsable peer address",
      "BGPPeer",
      { ...peer, peerAddress: "300.0.0.1" },
      "spec.peerAddress",
      /not an IP address/,
    ],
    [
      "E204 a second peer of one address on a common node",
      "BGPPeer",
      { ...peer, peerAddress: "198.51.100.2", nodeSelectors: [{ matchLabels: { rack: "a" } }] },
      "spec.peerAddress",
      /is the peer of the older BGPPeer "tor" already/,
    ],
    [
      "E206 a bad community value",
      "Community",
      { communities: [{ name: "x", value: "99999:1" }] },
      "spec.communities[0].value",
      /not a number from 0 to 65535/,
    ],
    [
      "E207 a bad large marker",
      "Community",
      { communities: [{ name: "x", value: "lar:1:2:3" }] },
      "spec.communities[0].value",
      /four parts begin with "large"/,
    ],
    [
      "E210 an alias twice in one object",
      "Community",
      {
        communities: [
          { name: "x", value: "1:1" },
          { name: "x", value: "1:2" },
        ],
      },
      "spec.communities[1].name",
      /already defined at/,
    ],
    [
      "E210, E211 an alias of another object",
      "Community",
      { communities: [{ name: "one", value: "large:1:1:1" }] },
      "spec.communities[0].name",
      /older Community "names"/,
    ],
    [
      "a BFDProfile out of range",
      "BFDProfile",
      { receiveInterval: 5 },
      "spec.receiveInterval",
      /10 to 60000/,
    ],
    [
      "a peer with disableMP and a fault (MetalLB skips all its checks)",
      "BGPPeer",
      { ...peer, myASN: 0, disableMP: true },
      "spec.myASN",
      /1 to 4294967295/,
    ],
  ])("denies %s", async (_, kind, spec, field, words) => {
    const { allowed, status } = await create(kind, "new", spec);
    expect(allowed).toBe(false);
    expect(status).toMatchObject({ code: 422, reason: "Invalid" });
    expect(status?.message).toStartWith(`${field}: `);
    expect(status?.message).toMatch(words);
    expect(status?.details.causes[0]?.field).toBe(field);
    expect(status?.details.causes[0]?.message).not.toStartWith(field);
  });

  test("E200, E208 judges an update like a creation, against the others and not against itself", async () => {
    stored.pools.push(configOf("IPAddressPool", "wan", { addresses: ["203.0.113.0/24"] }));
    const [old, wider] = [{ addresses: ["203.0.113.0/24"] }, { addresses: ["203.0.113.0/25"] }];
    expect((await update("IPAddressPool", "wan", old, wider)).allowed).toBe(true);
    const { allowed, status } = await update("IPAddressPool", "wan", old, { addresses: ["192.0.0.0/16"] });
    expect(allowed).toBe(false);
    expect(status?.message).toContain('of the older IPAddressPool "lan"');
    const bad = { communities: [{ name: "one", value: "x:1" }] };
    expect((await update("Community", "names", stored.communities[0]?.spec, bad)).allowed).toBe(false);
  });

  test.each(["BFDProfile", "IPAddressPool", "BGPPeer", "BGPAdvertisement", "L2Advertisement", "Community"])(
    "E213–E218 denies a %s in another namespace, and says in which it belongs",
    async (kind) => {
      const { allowed, status } = await create(kind, "new", {}, { namespace: "default" });
      expect(allowed).toBe(false);
      expect(status).toMatchObject({ code: 403, reason: "Forbidden" });
      expect(status?.message).toBe(
        'metadata.namespace: objects of namespace "default" are not read; the configuration is in namespace "metallb-system"; create it there',
      );
    },
  );

  test("E212 keeps a BFDProfile that a BGPPeer names; after the peer is gone it may go", async () => {
    const { allowed, status } = await ask("DELETE", { kind: "BFDProfile", name: "fast", old: {} });
    expect([allowed, status?.code]).toEqual([false, 403]);
    expect(status?.message).toContain('BGPPeer "tor"');
    stored.peers = [];
    expect((await ask("DELETE", { kind: "BFDProfile", name: "fast", old: {} })).allowed).toBe(true);
  });

  test("a v1beta1 BGPPeer is judged as the v1beta2 that would be stored", async () => {
    const old = { ...peer, holdTime: "0s", keepaliveTime: "0s" };
    expect((await create("BGPPeer", "new", old, { version: "v1beta1" })).allowed).toBe(true);
    const { allowed } = await create("BGPPeer", "new", { ...old, myASN: 0 }, { version: "v1beta1" });
    expect(allowed).toBe(false);
  });

  test("finalizers and deletion of an object that was never valid are nobody's fault", async () => {
    const write = { kind: "IPAddressPool", name: "old", old: { addresses: [] }, spec: { addresses: [] } };
    expect((await ask("UPDATE", { ...write, metadata: { finalizers: ["x"] } })).allowed).toBe(true);
    expect((await ask("UPDATE", { ...write, metadata: { labels: { a: "b" } } })).allowed).toBe(false);
    const dying = { deletionTimestamp: "2026-11-20T10:00:00Z", labels: { a: "b" } };
    expect((await ask("UPDATE", { ...write, metadata: dying })).allowed).toBe(true);
  });

  test("before all kinds are listed it asks to come back rather than guess", async () => {
    isListed = false;
    const answer = await app.request("/validate-metallb-io-v1beta1-ipaddresspool", {
      method: "POST",
      body: JSON.stringify(
        review("CREATE", { kind: "IPAddressPool", name: "a", spec: { addresses: ["10.0.0.0/8"] } }),
      ),
    });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  });
});

describe("admission warnings", () => {
  test("a shrinking pool names the Services that lose their address, and how to keep it", async () => {
    const { allowed, warnings } = await update(
      "IPAddressPool",
      "lan",
      { addresses: ["192.0.2.0/24"] },
      { addresses: ["192.0.2.2/32"] },
    );
    expect(allowed).toBe(true);
    expect(warnings).toEqual([
      "Services whose address leaves the pool (1): default/web (192.0.2.1); they lose it and get another where a pool has one; with metallb.io/on-removal: keep they would keep it",
    ]);
  });

  test("a pool that is deleted names all its Services, and its policy", async () => {
    stored.pools = [
      {
        ...configOf("IPAddressPool", "lan", { addresses: ["192.0.2.0/24"] }),
        metadata: { name: "lan", namespace, annotations: { "metallb.io/on-removal": "keep" } },
      },
    ];
    const { allowed, warnings } = await ask("DELETE", {
      kind: "IPAddressPool",
      name: "lan",
      old: { addresses: ["192.0.2.0/24"] },
    });
    expect(allowed).toBe(true);
    expect(warnings).toEqual([
      "Services whose address leaves the pool (2): default/mail (192.0.2.2), default/web (192.0.2.1); they keep it, by metallb.io/on-removal: keep",
    ]);
  });

  test("what lint finds about the object, and what the write makes odd about others", async () => {
    const over = await create("IPAddressPool", "pods", { addresses: ["10.244.0.0/16"] });
    expect(over).toMatchObject({ allowed: true });
    expect(over.warnings).toEqual([
      "spec.addresses[0]: 10.244.0.0/16 overlaps 10.244.0.0/24, from which node node1 gives Pods their addresses; choose addresses outside the Pod network",
    ]);
    const last = await ask("DELETE", { kind: "L2Advertisement", name: "l2", old: {} });
    expect(last.warnings).toEqual([
      'IPAddressPool "lan": metadata.name: no L2Advertisement and no BGPAdvertisement selects this pool, so its addresses are reachable from nowhere',
    ]);
    expect((await create("L2Advertisement", "new", { ipAddressPools: ["later"] })).warnings).toEqual([
      'spec.ipAddressPools[0]: there is no IPAddressPool "later" in force; this entry selects nothing until there is one',
    ]);
  });

  test("objects that the write takes out of force", async () => {
    stored.bgpAdvertisements = [configOf("BGPAdvertisement", "bgp", { communities: ["one"] })];
    const names = await ask("DELETE", { kind: "Community", name: "names", old: {} });
    expect(names.allowed).toBe(true);
    expect(names.warnings?.[0]).toStartWith(
      'BGPAdvertisement "bgp" is rejected by this write: spec.communities[0]: "one" is neither',
    );
    stored.bgpAdvertisements = [configOf("BGPAdvertisement", "bgp", { aggregationLength: 24 })];
    const small = await create("IPAddressPool", "small", { addresses: ["203.0.113.0/28"] });
    expect(small.allowed).toBe(true);
    expect(small.warnings).toContain(
      'BGPAdvertisement "bgp" is rejected by this write: spec.aggregationLength: 24 is shorter than 203.0.113.0/28 of IPAddressPool "small", so it would announce addresses outside the pool; allowed are 28 to 32',
    );
  });

  test("fields without effect", async () => {
    const spec = { ...peer, disableMP: true, passwordSecret: { name: "tor", namespace: "default" } };
    expect((await create("BGPPeer", "new", spec)).warnings).toEqual([
      "spec.disableMP: it is deprecated and has no effect; IPv4 and IPv6 routes are sent as the session's families allow",
      'spec.passwordSecret.namespace: it has no effect; the Secret is looked up in namespace "metallb-system"',
    ]);
  });
});
