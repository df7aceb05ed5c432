import {
  type OwnSliceView,
  type SliceContent,
  type SliceEndpoint,
  type SlicePort,
  sliceLabels,
} from "./endpoint_slice.ts";
import type { PodView } from "./pod.ts";
import type { SelectingServiceView } from "./service.ts";

/** Kubernetes' default for --max-endpoints-per-slice. */
export const endpointsPerSliceMax = 100;

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: OwnSliceView; readonly content: SliceContent }[];
  readonly remove: readonly OwnSliceView[];
}

/**
 * What the slices of a Service must be. Pods that resolve the Service's ports to the same numbers share slices; an
 * endpoint stays in the slice where it is, new ones fill slices with room, and only slices that differ are written. A
 * Service without endpoints keeps one empty slice, as Kubernetes keeps a placeholder.
 */
export function planSlices(
  service: SelectingServiceView,
  selected: Iterable<PodView>,
  existing: readonly OwnSliceView[],
): SlicePlan {
  if (Object.keys(service.selector).length === 0 || !service.hasIpv4 || service.deleting) {
    return { create: [], update: [], remove: existing };
  }
  const wanted = groupByPorts(service, selected);
  const create: SliceContent[] = [];
  const kept: { slice: OwnSliceView; content: SliceContent }[] = [];
  const spare: OwnSliceView[] = [];
  for (const slice of byName(existing)) {
    const group = wanted.get(portsKey(slice.ports));
    if (!group) {
      spare.push(slice);
      continue;
    }
    const stay = slice.endpoints
      .map((endpoint) => take(group.endpoints, endpoint.pod.uid))
      .filter((endpoint) => endpoint !== undefined);
    kept.push({ slice, content: { ports: group.ports, endpoints: stay } });
  }
  for (const { ports, endpoints } of wanted.values()) {
    const rest = [...endpoints.values()];
    for (const entry of kept.filter(({ content }) => portsKey(content.ports) === portsKey(ports))) {
      const room = endpointsPerSliceMax - entry.content.endpoints.length;
      entry.content = {
        ports,
        endpoints: [...entry.content.endpoints, ...rest.splice(0, Math.max(room, 0))],
      };
    }
    while (rest.length > 0) {
      const content = { ports, endpoints: rest.splice(0, endpointsPerSliceMax) };
      const slice = spare.shift();
      if (slice) kept.push({ slice, content });
      else create.push(content);
    }
  }
  return settle(service, create, kept, spare);
}

/** Drops slices that became empty, but for one where nothing else is left; keeps only real changes. */
function settle(
  service: SelectingServiceView,
  create: SliceContent[],
  kept: readonly { slice: OwnSliceView; content: SliceContent }[],
  spare: readonly OwnSliceView[],
): SlicePlan {
  const full = kept.filter(({ content }) => content.endpoints.length > 0);
  const empty = [
    ...kept.filter(({ content }) => content.endpoints.length === 0).map(({ slice }) => slice),
    ...spare,
  ];
  const nothing: SliceContent = { ports: [], endpoints: [] };
  if (full.length === 0 && create.length === 0) {
    const placeholder = empty.shift();
    if (placeholder) full.push({ slice: placeholder, content: nothing });
    else create.push(nothing);
  }
  const labels = sliceLabels(service);
  const update = full.filter(
    ({ slice, content }) =>
      portsKey(slice.ports) !== portsKey(content.ports) ||
      JSON.stringify(slice.endpoints) !== JSON.stringify(content.endpoints) ||
      Object.entries(labels).some(([name, value]) => slice.labels[name] !== value) ||
      Object.keys(slice.labels).some((name) => labels[name] === undefined),
  );
  return { create, update, remove: empty };
}

interface PortGroup {
  readonly ports: readonly SlicePort[];
  /** By pod uid. */
  readonly endpoints: Map<string, SliceEndpoint>;
}

function groupByPorts(service: SelectingServiceView, pods: Iterable<PodView>): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (!pod.podIP || pod.phase === "Succeeded" || pod.phase === "Failed") continue;
    const ports = resolvePorts(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map() };
    groups.set(key, group);
    group.endpoints.set(pod.uid, endpointOf(service, pod));
  }
  return groups;
}

/** A named target port is looked up among the pod's container ports; a pod that lacks it does not serve that port. */
function resolvePorts(service: SelectingServiceView, pod: PodView): SlicePort[] {
  return service.ports.flatMap(({ name, protocol, appProtocol, target }) => {
    const port =
      typeof target === "number"
        ? target
        : pod.ports.find((each) => each.name === target && each.protocol === protocol)?.port;
    return port === undefined ? [] : [{ name, protocol, port, appProtocol }];
  });
}

function endpointOf(service: SelectingServiceView, pod: PodView): SliceEndpoint {
  return {
    address: pod.podIP,
    ready: service.publishNotReadyAddresses || (pod.ready && !pod.deleting),
    serving: pod.ready,
    terminating: pod.deleting,
    nodeName: pod.nodeName,
    pod: { name: pod.name, uid: pod.uid },
  };
}

function portsKey(ports: readonly SlicePort[]): string {
  return ports
    .map(({ name, protocol, port, appProtocol }) => `${name}/${protocol}/${port}/${appProtocol}`)
    .sort()
    .join(",");
}

function take(endpoints: Map<string, SliceEndpoint>, uid: string): SliceEndpoint | undefined {
  const found = endpoints.get(uid);
  endpoints.delete(uid);
  return found;
}

function byName(slices: readonly OwnSliceView[]): OwnSliceView[] {
  return [...slices].sort((a, b) => (a.name < b.name ? -1 : 1));
}
