import type { ReasonCode } from "#core/reason/mod.ts";
import type { Part } from "./denials.ts";

/** What is lost with a right, and how bad that is. */
export interface Effect {
  readonly why: Extract<ReasonCode, `right.${string}`>;
  readonly severity: "critical" | "warning";
}

type Row = readonly [part: Part | "any", verbs: "read" | "write" | "any", resources: string, effect: Effect];

const critical = (why: Effect["why"]): Effect => ({ why, severity: "critical" });
const warning = (why: Effect["why"]): Effect => ({ why, severity: "warning" });

/** What each rule of k8s/manifests/base/rbac.yaml is for. The first that fits is it. */
const rows: readonly Row[] = [
  ["controller", "read", "services", critical("right.controller-services")],
  ["controller", "any", "services/status", critical("right.service-status")],
  ["controller", "read", "namespaces", warning("right.namespaces")],
  ["controller", "read", "nodes", warning("right.controller-nodes")],
  ["controller", "read", "endpointslices", warning("right.controller-endpoints")],
  ["controller", "read", "pods", warning("right.controller-pods")],
  ["controller", "read", "events", warning("right.read-events")],
  ["controller", "any", "secrets", warning("right.controller-secrets")],
  ["any", "any", "leases", critical("right.leases")],
  ["any", "write", "events", warning("right.write-events")],
  ["controller", "any", "tokenreviews", warning("right.controller-token-reviews")],
  ["speaker", "any", "tokenreviews", warning("right.speaker-token-reviews")],
  ["any", "any", "subjectaccessreviews", warning("right.access-reviews")],
  ["any", "any", "validatingwebhookconfigurations", warning("right.webhooks")],
  ["any", "any", "customresourcedefinitions", warning("right.webhooks")],
  ["controller", "write", "ipaddresspools", warning("right.pool-reservations")],
  ["controller", "any", "ipaddresspools/status", warning("right.pool-status")],
  ["any", "read", "ipaddresspools", critical("right.pools")],
  ["speaker", "read", "services", critical("right.speaker-services")],
  ["speaker", "read", "endpointslices", critical("right.speaker-endpoints")],
  ["speaker", "read", "nodes", critical("right.speaker-nodes")],
  ["speaker", "read", "pods", critical("right.speaker-pods")],
  ["speaker", "any", "secrets", warning("right.passwords")],
  ["any", "read", "l2advertisements", critical("right.l2-advertisements")],
  ["any", "read", "bgpadvertisements", critical("right.bgp-advertisements")],
  ["any", "read", "bgppeers", critical("right.peers")],
  ["any", "read", "bfdprofiles", warning("right.bfd-profiles")],
  ["any", "read", "communities", warning("right.communities")],
  ["any", "any", "configurationstates", warning("right.configuration-states")],
  ["any", "any", "configurationstates/status", warning("right.configuration-states")],
  ["any", "any", "servicel2statuses", warning("right.l2-statuses")],
  ["any", "any", "servicel2statuses/status", warning("right.l2-statuses")],
  ["any", "any", "servicebgpstatuses", warning("right.bgp-statuses")],
  ["any", "any", "servicebgpstatuses/status", warning("right.bgp-statuses")],
  ["any", "any", "bgpsessionstates", warning("right.bgp-statuses")],
  ["any", "any", "bgpsessionstates/status", warning("right.bgp-statuses")],
];

const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);

export function effectOf(part: Part, verb: string, resource: string): Effect {
  const kind = reads.has(verb) ? "read" : "write";
  const found = rows.find(
    ([of, verbs, name]) =>
      (of === "any" || of === part) && (verbs === "any" || verbs === kind) && name === resource,
  );
  return found?.[3] ?? warning("right.other");
}
