import { resources } from "#k8s/mod.ts";
import type { Cluster } from "./cluster.ts";
import { type OwnSliceView, type SliceContent, sliceFields, sliceLabels, sliceOf } from "./endpoint_slice.ts";
import { labelPair, labelPairs, selects } from "./object_index.ts";
import type { PodView } from "./pod.ts";
import type { SelectingServiceView } from "./service.ts";
import { planSlices } from "./slice_plan.ts";
import { nameSuffix } from "./template_hash.ts";

/** Keeps the EndpointSlices of each Service with a selector as {@link planSlices} says. */
export function runSliceController(cluster: Cluster): void {
  const queue = cluster.queue("endpointslices", 8, reconcile);
  cluster.services.subscribe((after, before) => {
    const service = after ?? before;
    if (service) queue.add(service.key);
  });
  cluster.slices.subscribe((after, before) => {
    const slice = after ?? before;
    if (slice?.service) queue.add(slice.service);
  });
  cluster.pods.subscribe((after, before) => {
    for (const pod of [before, after]) if (pod) for (const key of servicesOf(pod)) queue.add(key);
  });

  function servicesOf(pod: PodView): string[] {
    return labelPairs(pod)
      .flatMap((pair) => cluster.servicesByLabel.of(pair))
      .filter(({ selector }) => selects(selector, pod))
      .map(({ key }) => key);
  }

  function podsOf({ namespace, selector }: SelectingServiceView): PodView[] {
    const [first] = Object.entries(selector);
    if (!first) return [];
    return cluster.podsByLabel.of(labelPair(namespace, ...first)).filter((pod) => selects(selector, pod));
  }

  async function reconcile(key: string): Promise<undefined> {
    const service = cluster.services.get(key);
    if (!service) return;
    // A Service of the same name may have been deleted and made again: the old one's slices are not the new one's.
    const own = cluster.slicesByService.of(key).filter(({ owner }) => owner?.uid === service.uid);
    const plan = planSlices(service, podsOf(service), own);
    await Promise.all([
      ...plan.remove.map((slice) => cluster.remove(resources.endpointSlices, cluster.slices, slice)),
      ...plan.create.map((content) => create(service, content)),
      ...plan.update.map(({ slice, content }) => update(service, slice, content)),
    ]);
  }

  async function create(service: SelectingServiceView, content: SliceContent): Promise<void> {
    const object = sliceOf(
      service,
      content,
      nameSuffix(() => cluster.clock.random()),
    );
    cluster.slices.written(await cluster.client.create(resources.endpointSlices, object));
  }

  async function update(
    service: SelectingServiceView,
    slice: OwnSliceView,
    content: SliceContent,
  ): Promise<void> {
    const target = { name: slice.name, namespace: slice.namespace };
    const wanted = sliceLabels(service);
    const dropped = Object.keys(slice.labels).filter((name) => wanted[name] === undefined);
    const labels = { ...Object.fromEntries(dropped.map((name) => [name, null])), ...wanted };
    const body = { metadata: { labels }, ...sliceFields(service.namespace, content) };
    cluster.slices.written(await cluster.client.patch(resources.endpointSlices, target, "merge", body));
  }
}
