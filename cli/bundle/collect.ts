import { stringify } from "yaml";
import { type Connection, type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import { clusterRoleBindings, clusterRoles, configMaps, daemonSets, roleBindings, roles } from "../kinds.ts";
import { redact } from "./redact.ts";

export interface Collected {
  /** Path in the archive -> text. */
  files: Record<string, string>;
  /** What could not be had, in words. */
  missing: string[];
}

/** In every namespace, or without one. Secrets are never read. */
const everywhere: readonly ResourceType[] = [
  resources.nodes,
  resources.services,
  resources.endpointSlices,
  resources.validatingWebhookConfigurations,
  clusterRoles,
  clusterRoleBindings,
];

/** In the namespace of the configuration. */
const own: readonly ResourceType[] = [
  ...Object.values<ResourceType>(resources).filter(({ group }) => group === "metallb.io"),
  resources.pods,
  resources.events,
  resources.deployments,
  resources.leases,
  daemonSets,
  configMaps,
  roles,
  roleBindings,
];

const logLinesMax = 5_000;

/** Of all that a cluster holds, what tells of load balancing. */
const isOurs: Readonly<Record<string, (object: KubeObject) => boolean>> = {
  services: ({ spec }) => (spec as { type?: string } | undefined)?.type === "LoadBalancer",
  validatingwebhookconfigurations: ({ metadata }) => metadata.name.includes("metallb"),
  clusterroles: ({ metadata }) => metadata.name.includes("metallb"),
  clusterrolebindings: ({ metadata }) => metadata.name.includes("metallb"),
};

/** Reads what somebody needs who is to help from afar; what may not be read is named and left out. */
export async function collect({ client, namespace, podLog }: Connection): Promise<Collected> {
  const collected: Collected = { files: {}, missing: [] };
  const { files, missing } = collected;
  const lists = new Map<ResourceType, KubeObject[]>();
  for (const resource of [...everywhere, ...own]) {
    const scope = everywhere.includes(resource) ? {} : { namespace };
    try {
      lists.set(resource, (await client.list(resource, scope)).items);
    } catch (error) {
      missing.push(`${resource.plural}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const served = (lists.get(resources.services) ?? []).filter((one) => isOurs.services?.(one));
  const names = new Set(served.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  for (const [resource, objects] of lists) {
    const { plural, group } = resource;
    const kept = objects.filter((object) =>
      plural === "endpointslices" ? names.has(serviceOf(object)) : (isOurs[plural]?.(object) ?? true),
    );
    if (kept.length > 0) files[`objects/${group || "core"}/${plural}.yaml`] = documents(kept);
  }
  for (const { metadata } of lists.get(resources.pods) ?? []) {
    for (const previous of [false, true]) {
      const log = await podLog(namespace, metadata.name, { tailLines: logLinesMax, previous }).catch(
        (error: unknown) => {
          if (!previous)
            missing.push(`log of ${metadata.name}: ${error instanceof Error ? error.message : error}`);
          return "";
        },
      );
      if (log !== "") files[`logs/${metadata.name}${previous ? ".previous" : ""}.log`] = log;
    }
  }
  return collected;
}

function serviceOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.labels?.["kubernetes.io/service-name"]}`;
}

function documents(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(redact(object), { lineWidth: 0 })).join("---\n");
}
