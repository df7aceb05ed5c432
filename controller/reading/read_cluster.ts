import type { Decision } from "#core/service/mod.ts";
import {
  type Connection,
  connectKubernetes,
  EndpointIndex,
  type KubeClient,
  KubeError,
  type Logger,
  type PodView,
  resources,
  speakerSelector,
  systemClock,
} from "#k8s/mod.ts";
import type { ConsolePort } from "#server/ports.ts";
import { Allocation } from "../allocation.ts";
import { openCaches, whenComplete } from "../caches.ts";
import { Configuration } from "../configuration.ts";
import { ConsoleView } from "../console_port.ts";
import { ServiceEvents } from "../service_events.ts";
import { Speakers } from "../speakers.ts";
import { Topics } from "../topics.ts";
import { World } from "../world.ts";
import { WrittenStates } from "./speakers_said.ts";

export interface ReadingOptions {
  kubeconfig?: string;
  namespace?: string;
  loadBalancerClass: string;
  version: string;
  /** Milliseconds until what has not answered is given up. */
  limitMs: number;
}

export interface ClusterReading {
  connection: Connection;
  view: ConsolePort;
  /** Every Pod of a speaker, ready or not. */
  speakerPods: PodView[];
  /** What the status of the Service says now. */
  addressesOf(service: string): readonly string[];
  /** Decisions that the cluster does not show: nobody has written them, or somebody decided otherwise. */
  unwritten(): Decision[];
  /** What the API server refused to list, in words: whatever rests on it is missing. */
  refused: string[];
  close(): void;
}

/**
 * Reads a cluster once and decides everything as the controller would, with nothing but list and watch: for whoever
 * asks from outside, also where no controller answers, or another one runs.
 */
export async function readCluster(options: ReadingOptions): Promise<ClusterReading> {
  const ended = new AbortController();
  const { signal } = ended;
  const clock = systemClock;
  const refused = new Set<string>();
  const log = complaints(refused);
  const connection = await connectKubernetes({
    kubeconfig: options.kubeconfig,
    namespace: options.namespace,
    userAgent: `metallb/${options.version}`,
  });
  const { client, namespace } = connection;
  // What cannot work is told at once; informers would try again and again.
  await client.list(resources.ipAddressPools, { namespace }).catch(explainRefusal);
  const labels = await speakerLabels(client, namespace);
  const caches = openCaches(client, namespace, log, signal, clock, labels);
  const recorder = { record() {} };
  const written = Promise.withResolvers<WrittenStates>();
  const allocation: Allocation = new Allocation({
    caches,
    recorder,
    log,
    clock,
    signal,
    namespace,
    loadBalancerClass: options.loadBalancerClass,
    timed: (work) => work(),
    decided: ({ service }) => view.serviceChanged(service),
    touched: (service) => view.serviceChanged(service),
  });
  const { book } = allocation;
  const configuration: Configuration = new Configuration({
    caches,
    recorder,
    log,
    changed(config, heldPools) {
      allocation.setPools(config, heldPools);
      view.factsChanged([]);
    },
  });
  const topics = new Topics();
  let awaited = 0;
  const speakers: Speakers = new Speakers({
    pods: caches.speakers,
    clock,
    log,
    signal,
    token: async () => undefined,
    changed: (changed, touched) => view.speakersChanged(changed, touched),
    // A speaker's Pod is out of reach from here; what it wrote down answers in its place.
    async fetch(url) {
      const { hostname } = new URL(url);
      const pod = [...caches.speakers.values()].find(
        ({ podIP }) => `[${podIP}]` === hostname || podIP === hostname,
      );
      if (!pod?.ready) throw new Error("its Pod is not ready");
      awaited++;
      return Response.json((await written.promise).stateOf(pod));
    },
  });
  const endpoints = new EndpointIndex(caches.slices, (service) => view.serviceChanged(service));
  const config = () => configuration.config;
  const world = new World({
    book,
    services: caches.services,
    nodes: caches.nodes,
    endpoints,
    speakers,
    clock,
    config,
  });
  const view = new ConsoleView({
    book,
    services: caches.services,
    nodes: caches.nodes,
    endpoints,
    events: new ServiceEvents(caches.events, () => {}),
    speakers,
    world,
    topics,
    issues: () => configuration.issues,
    declaredRanges: (pool) => configuration.declaredRanges(pool),
    clock,
  });
  const addressesOf = (service: string) => caches.services.get(service)?.ingress ?? [];
  const reading: ClusterReading = {
    addressesOf,
    connection,
    view,
    speakerPods: [],
    unwritten: () => [...book.decisions()].filter(({ needsWrite }) => needsWrite),
    refused: [],
    close: () => ended.abort(),
  };
  try {
    await within(options.limitMs, whenComplete(caches), refused);
    await within(
      options.limitMs,
      Promise.all([caches.speakers.whenAnswered(), caches.events.whenAnswered()]),
      refused,
    );
    configuration.start();
    allocation.start({ enqueue() {}, forget() {} });
    written.resolve(await WrittenStates.read({ client, namespace, addressesOf }));
    // Each ready speaker is asked once; then everything is known.
    const ready = [...caches.speakers.values()].filter((pod) => pod.ready && pod.podIP !== undefined);
    await within(
      options.limitMs,
      settled(() => awaited >= ready.length),
      refused,
    );
    reading.speakerPods = [...caches.speakers.values()];
    reading.refused = [...refused];
    return reading;
  } catch (error) {
    ended.abort();
    throw error;
  }
}

/** By which labels the speakers' Pods are found: MetalLB's chart gives them others than its manifests. */
async function speakerLabels(client: KubeClient, namespace: string): Promise<string> {
  const ofCharts = "app.kubernetes.io/component=speaker";
  for (const labelSelector of [speakerSelector, ofCharts]) {
    // Where Pods may not be listed, the informer says so.
    const { items } = await client
      .list(resources.pods, { namespace, labelSelector })
      .catch(() => ({ items: [] }));
    if (items.length > 0) return labelSelector;
  }
  return speakerSelector;
}

function explainRefusal(error: unknown): never {
  if (error instanceof KubeError && error.code === 404)
    throw new Error(
      "There are no IPAddressPools in this cluster: neither MetalLB nor metallb-ts is installed",
    );
  throw error;
}

async function settled(isDone: () => boolean): Promise<void> {
  while (!isDone()) await Bun.sleep(5);
  // The answers are taken in.
  await Bun.sleep(5);
}

async function within<T>(limitMs: number, work: Promise<T>, refused: ReadonlySet<string>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const why = refused.size > 0 ? `: ${[...refused].join("; ")}` : "";
    limit.reject(new Error(`The cluster could not be read within ${limitMs / 1000} s${why}`));
  }, limitMs);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A log whose warnings are kept: what could not be listed. */
function complaints(refused: Set<string>): Logger {
  const keep = (_message: string, fields?: Readonly<Record<string, unknown>>) => {
    const { resource, error } = fields ?? {};
    if (resource !== undefined) refused.add(`${resource}: ${error}`);
  };
  return { debug() {}, info() {}, warn: keep, error: keep };
}
