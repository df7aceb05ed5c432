import {
  type ConversionNote,
  carry,
  isAbsent,
  isObject,
  type OldObject,
  objects,
  type Tell,
} from "./fields.ts";
import { renamed } from "./names.ts";
import {
  advertisementFields,
  peerFields,
  poolFields,
  profileFields,
  requirementFields,
  sectionNames,
  selectorFields,
} from "./sections.ts";

/** A custom resource as it is to be applied. */
export interface Manifest {
  readonly apiVersion: "metallb.io/v1beta1" | "metallb.io/v1beta2";
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Conversion {
  /** Peers, pools, BGP and layer 2 advertisements, BFD profiles, communities: the order of configmaptocrs. */
  readonly manifests: readonly Manifest[];
  readonly notes: readonly ConversionNote[];
}

/** What the old format said of a hold time that was left out. */
const standardHoldTime = "90s";

/** MetalLB's ConfigMap before 0.13 as custom resources, named as its own converter (configmaptocrs) names them. */
export function convertConfig(config: OldObject, namespace: string): Conversion {
  const notes: ConversionNote[] = [];
  const tell: Tell = (path, code, values = {}) => notes.push({ path, code, values });
  for (const name of Object.keys(config)) {
    if (!sectionNames.some((known) => known === name)) {
      tell(name, "field-unknown", { known: sectionNames.join(", ") });
    }
  }
  const named = (kind: string, name: string, spec: Manifest["spec"]): Manifest => ({
    apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
    kind,
    metadata: { name, namespace },
    spec,
  });

  const profiles = namedObjects(config, "bfd-profiles", "profile", tell);
  const newProfiles = new Map(profiles.map(({ old, name }) => [old, name]));
  const peers = objects(config.peers, "peers", tell).map(({ source, path }) =>
    peerSpec(source, path, newProfiles, tell),
  );
  const pools = namedObjects(config, "address-pools", "pool", tell).map((pool) => ({
    name: pool.name,
    spec: carry(pool.source, poolFields, pool.path, tell),
    ...announcements(pool.source, pool.path, tell),
  }));
  const overBgp = pools.flatMap(({ name, bgp }) => bgp.map((spec) => ({ ...spec, ipAddressPools: [name] })));
  if (overBgp.length > 0 && peers.length === 0) tell("peers", "no-peers");
  const overLayer2 = pools.filter(({ isLayer2 }) => isLayer2);
  const aliases = communities(config["bgp-communities"], tell);
  const manifests = [
    ...peers.map((spec, index) => named("BGPPeer", `peer${index + 1}`, spec)),
    ...pools.map(({ name, spec }) => named("IPAddressPool", name, spec)),
    ...overBgp.map((spec, index) => named("BGPAdvertisement", `bgpadvertisement${index + 1}`, spec)),
    ...overLayer2.map(({ name }, index) =>
      named("L2Advertisement", `l2advertisement${index + 1}`, { ipAddressPools: [name] }),
    ),
    ...profiles.map(({ name, source, path }) =>
      named("BFDProfile", name, carry(source, profileFields, path, tell)),
    ),
    ...(aliases.length > 0 ? [named("Community", "communities", { communities: aliases })] : []),
  ];
  return { manifests, notes };
}

interface Named {
  readonly old: string;
  readonly name: string;
  readonly source: OldObject;
  readonly path: string;
}

/** The mappings of a section that have a name, each under the name it gets. */
function namedObjects(
  config: OldObject,
  section: "address-pools" | "bfd-profiles",
  kind: "pool" | "profile",
  tell: Tell,
): Named[] {
  const first = new Map<string, string>();
  const found = objects(config[section], section, tell).flatMap(({ source, path }) => {
    const old = typeof source.name === "string" ? source.name : "";
    const earlier = first.get(old);
    if (old === "") tell(`${path}.name`, "name-missing");
    else if (earlier !== undefined) tell(`${path}.name`, "name-duplicate", { name: old, first: earlier });
    else {
      first.set(old, path);
      return [{ old, source, path }];
    }
    return [];
  });
  const names = renamed([...first.keys()], kind);
  return found.map((each) => {
    const name = names.get(each.old) ?? each.old;
    if (name !== each.old) tell(`${each.path}.name`, `${kind}-renamed`, { old: each.old, name });
    return { ...each, name };
  });
}

function peerSpec(source: OldObject, path: string, profiles: ReadonlyMap<string, string>, tell: Tell) {
  const carried = carry(source, peerFields, path, tell);
  const nodeSelectors = objects(source["node-selectors"], `${path}.node-selectors`, tell).map((each) =>
    selector(each.source, each.path, tell),
  );
  if (carried.password !== undefined) tell(`${path}.password`, "password-plain");
  const { peerPort, bfdProfile, holdTime, ...others } = carried;
  return {
    ...others,
    // 0 meant the standard port.
    ...(peerPort !== undefined && peerPort !== 0 && { peerPort }),
    ...(isAbsent(source["hold-time"])
      ? { holdTime: standardHoldTime }
      : holdTime !== undefined && { holdTime }),
    ...(nodeSelectors.length > 0 && { nodeSelectors }),
    ...(typeof bfdProfile === "string" && { bfdProfile: profiles.get(bfdProfile) ?? bfdProfile }),
  };
}

function selector(source: OldObject, path: string, tell: Tell) {
  carry(source, selectorFields, path, tell);
  const matchLabels = textMap(source["match-labels"], `${path}.match-labels`, tell);
  const at = `${path}.match-expressions`;
  const matchExpressions = objects(source["match-expressions"], at, tell).map((each) =>
    carry(each.source, requirementFields, each.path, tell),
  );
  return {
    ...(Object.keys(matchLabels).length > 0 && { matchLabels }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
  };
}

/** How the pool was announced: as one L2Advertisement, or as BGPAdvertisements, of which an empty one is the standard. */
function announcements(source: OldObject, path: string, tell: Tell) {
  const at = `${path}.bgp-advertisements`;
  const advertisements = objects(source["bgp-advertisements"], at, tell);
  const { protocol } = source;
  if (protocol === "bgp") {
    const specs = advertisements.map((each) => carry(each.source, advertisementFields, each.path, tell));
    return { isLayer2: false, bgp: specs.length > 0 ? specs : [{}] };
  }
  if (protocol !== "layer2") {
    if (isAbsent(protocol)) tell(`${path}.protocol`, "protocol-missing");
    else tell(`${path}.protocol`, "protocol-unknown", { found: String(protocol) });
  }
  if (advertisements.length > 0) tell(at, "advertisements-of-layer2");
  return { isLayer2: protocol === "layer2", bgp: [] };
}

/** Sorted by name, so that the same configuration gives the same text. */
function communities(raw: unknown, tell: Tell): { name: string; value: string }[] {
  const aliases = Object.entries(textMap(raw, "bgp-communities", tell));
  return aliases.map(([name, value]) => ({ name, value })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textMap(raw: unknown, path: string, tell: Tell): Record<string, string> {
  if (isAbsent(raw)) return {};
  if (!isObject(raw)) {
    tell(path, "malformed", { found: JSON.stringify(raw), wanted: "a mapping" });
    return {};
  }
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) => {
      if (typeof value === "string") return [[name, value]];
      tell(`${path}.${name}`, "malformed", { found: JSON.stringify(value), wanted: "a text" });
      return [];
    }),
  );
}
