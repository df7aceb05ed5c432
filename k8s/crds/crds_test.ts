import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "#core/config/mod.ts";

interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema;
  required?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  maxItems?: number;
  maxLength?: number;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
}

interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  subresources: { status?: object };
  additionalPrinterColumns?: { name: string; type: string; jsonPath: string; priority?: number }[];
  schema: { openAPIV3Schema: Schema };
}

interface Definition {
  metadata: { name: string; annotations: Record<string, string> };
  spec: {
    group: string;
    scope: string;
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames?: string[] };
    versions: Version[];
  };
}

const definitions = readdirSync(import.meta.dir)
  .filter((name) => name.endsWith("s.yaml"))
  .sort()
  .map((name) => ({ name, definition: parse(readFileSync(join(import.meta.dir, name), "utf8")) as Definition }));

function definition(kind: string): Definition {
  const found = definitions.find(({ definition }) => definition.spec.names.kind === kind);
  if (!found) throw new Error(kind);
  return found.definition;
}

function specOf(kind: string): Schema {
  const stored = definition(kind).spec.versions.find(({ storage }) => storage);
  return stored?.schema.openAPIV3Schema.properties?.["spec"] ?? {};
}

/** Every schema inside, with its path. */
function walk(schema: Schema, path: string): { path: string; schema: Schema }[] {
  return [
    { path, schema },
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => walk(inner, `${path}.${name}`)),
    ...(schema.items ? walk(schema.items, `${path}[]`) : []),
    ...(schema.additionalProperties ? walk(schema.additionalProperties, `${path}.*`) : []),
  ];
}

describe("k8s/crds", () => {
  test("hold MetalLB's nine kinds with its printer columns, and the sessions' state with those of frr-k8s", () => {
    const shown = definitions.flatMap(({ definition: { spec } }) =>
      spec.versions.map(({ name, additionalPrinterColumns = [] }) => {
        const columns = additionalPrinterColumns.map(({ name, type, priority }) => `${name}:${type}${priority ?? ""}`);
        return `${spec.names.kind} ${name} | ${columns.join(" | ")}`;
      }),
    );
    expect(shown).toEqual([
      "BFDProfile v1beta1 | Passive Mode:boolean | Transmit Interval:integer | Receive Interval:integer | Multiplier:integer",
      "BGPAdvertisement v1beta1 | IPAddressPools:string | IPAddressPool Selectors:string | Peers:string | Node Selectors:string10",
      "BGPPeer v1beta1 | Address:string | ASN:string | BFD Profile:string | Multi Hops:string",
      "BGPPeer v1beta2 | Address:string | ASN:string | BFD Profile:string | Multi Hops:string",
      "BGPSessionState v1beta1 | Node:string | Peer:string | VRF:string | BGP:string | BFD:string",
      "Community v1beta1 | ",
      "ConfigurationState v1beta1 | Result:string | ErrorSummary:string | Age:date",
      "IPAddressPool v1beta1 | Auto Assign:boolean | Avoid Buggy IPs:boolean | Addresses:string",
      "L2Advertisement v1beta1 | IPAddressPools:string | IPAddressPool Selectors:string | Interfaces:string | Node Selectors:string10",
      "ServiceBGPStatus v1beta1 | Node:string | Service Name:string | Service Namespace:string",
      "ServiceL2Status v1beta1 | Allocated Node:string | Service Name:string | Service Namespace:string",
    ]);
  });

  test.each(definitions)("$name follows the rules of every kind", ({ name, definition: { metadata, spec } }) => {
    const { kind, listKind, plural, singular, shortNames } = spec.names;
    expect(name).toBe(`${plural}.yaml`);
    expect(metadata.name).toBe(`${plural}.metallb.io`);
    expect(metadata.annotations["helm.sh/resource-policy"]).toBe("keep");
    expect([spec.group, spec.scope, listKind, singular, shortNames]).toEqual([
      "metallb.io",
      "Namespaced",
      `${kind}List`,
      kind.toLowerCase(),
      undefined,
    ]);
    expect(spec.versions.filter(({ storage }) => storage)).toHaveLength(1);
    for (const version of spec.versions) {
      expect(version.served).toBe(true);
      expect(version.subresources).toEqual({ status: {} });
      for (const { path, schema } of walk(version.schema.openAPIV3Schema, kind)) {
        expect({ path, type: schema.type }).toEqual({ path, type: expect.any(String) });
        // kubectl explain shows these; items that are plain text are described by their list.
        const isDescribed = schema.description !== undefined || /(\[\]|\.\*|\.metadata)$/.test(path);
        expect({ path, isDescribed }).toEqual({ path, isDescribed: true });
        for (const field of schema.required ?? []) expect(Object.keys(schema.properties ?? {})).toContain(field);
        // The API server's cost budget: what a rule reads has a limit.
        for (const { rule } of schema["x-kubernetes-validations"] ?? []) {
          for (const [, field] of rule.matchAll(/self\.(\w+)\.size\(\)/g)) {
            expect(schema.properties?.[field ?? ""]?.maxItems).toBeNumber();
          }
          if (schema.type === "string") expect(schema.maxLength).toBeNumber();
        }
      }
    }
  });

  test("defaults of the schema are those of the parser", () => {
    const metadata = { name: "x" };
    const { config, issues } = parseConfig({
      pools: [{ kind: "IPAddressPool", metadata, spec: { addresses: ["10.0.0.0/24"] } }],
      l2Advertisements: [],
      bgpAdvertisements: [{ kind: "BGPAdvertisement", metadata, spec: {} }],
      peers: [{ kind: "BGPPeer", metadata, spec: { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" } }],
      bfdProfiles: [],
      communities: [],
    });
    expect(issues).toEqual([]);
    const parsed: [string, object | undefined][] = [
      ["IPAddressPool", config.pools[0]],
      ["BGPAdvertisement", config.bgpAdvertisements[0]],
      ["BGPPeer", config.peers[0]],
    ];
    for (const [kind, value] of parsed) {
      const defaults = Object.entries(specOf(kind).properties ?? {}).filter(([, { default: given }]) => given !== undefined);
      expect(defaults.length).toBeGreaterThan(1);
      for (const [field, { default: given }] of defaults) {
        // disableMP has no effect and is not kept.
        if (field !== "disableMP") expect({ [field]: (value as Record<string, unknown>)[field] }).toEqual({ [field]: given });
      }
    }
  });

  test("bounds of the schema are those of the parser", () => {
    const bases: Record<string, [list: "bfdProfiles" | "peers" | "bgpAdvertisements", spec: object]> = {
      BFDProfile: ["bfdProfiles", {}],
      BGPPeer: ["peers", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" }],
      BGPAdvertisement: ["bgpAdvertisements", {}],
    };
    const none = { pools: [], l2Advertisements: [], bgpAdvertisements: [], peers: [], bfdProfiles: [], communities: [] };
    let bounds = 0;
    for (const [kind, [list, base]] of Object.entries(bases)) {
      const issuesWith = (field: string, value: number) =>
        parseConfig({ ...none, [list]: [{ kind, metadata: { name: "x" }, spec: { ...base, [field]: value } }] }).issues;
      for (const [field, { minimum, maximum }] of Object.entries(specOf(kind).properties ?? {})) {
        // A zero says "not set" to an older client.
        const says0 = minimum === 0 || field === "peerPort";
        if (minimum !== undefined && !says0) {
          expect([field, issuesWith(field, minimum).length, issuesWith(field, minimum - 1).length]).toEqual([field, 0, 1]);
          bounds++;
        }
        if (maximum !== undefined) {
          expect([field, issuesWith(field, maximum).length, issuesWith(field, maximum + 1).length > 0]).toEqual([field, 0, true]);
          bounds++;
        }
      }
    }
    expect(bounds).toBeGreaterThan(12);
  });
});
