import { youngest } from "./accept.ts";
import { parseConfig } from "./parse_config.ts";
import type { ConfigIssue, ConfigResources, Resource } from "./types.ts";

const lists: Readonly<Record<string, Exclude<keyof ConfigResources, "nodes" | "secrets">>> = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "peers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
};

/** Whatever is missing may be applied a moment later: `kubectl apply` of a file knows no order. */
const mayBecomeValid: ReadonlySet<string> = new Set([
  "peer.bfd-profile-unknown",
  "peer.secret-unknown",
  "advertisement.community-unknown",
]);

/**
 * The issues that this object would have among the others, for admission. It counts as the youngest, so that no edit
 * takes from another object what that one has; issues that a later object can settle do not count.
 */
export function validateResource(resource: Resource, others: ConfigResources): ConfigIssue[] {
  const list = lists[resource.kind];
  if (!list) return [];
  const metadata = { ...resource.metadata, creationTimestamp: youngest };
  const rest = others[list].filter((other) => other.metadata.name !== metadata.name);
  const { issues } = parseConfig({ ...others, [list]: [...rest, { ...resource, metadata }] });
  return issues.filter(
    ({ kind, name, code }) => kind === resource.kind && name === metadata.name && !mayBecomeValid.has(code),
  );
}

/** Why this object may not be deleted: a BFDProfile that a BGPPeer names, as in MetalLB. */
export function validateRemoval(resource: Resource, others: ConfigResources): ConfigIssue[] {
  if (resource.kind !== "BFDProfile") return [];
  const { name } = resource.metadata;
  const users = others.peers.filter(
    ({ spec }) => (spec as { bfdProfile?: unknown } | null | undefined)?.bfdProfile === name,
  );
  if (users.length === 0) return [];
  const peers = users.map(({ metadata }) => `"${metadata.name}"`).sort();
  const message = `metadata.name: BFDProfile "${name}" is used by BGPPeer ${peers.join(", ")}; remove spec.bfdProfile there first`;
  return [{ kind: resource.kind, name, path: "metadata.name", code: "bfd-profile.in-use", message }];
}
