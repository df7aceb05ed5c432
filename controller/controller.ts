import { hostname } from "node:os";
import { createLogger } from "#io/mod.ts";
import { selfSignedSource } from "#k8s/certificates/mod.ts";
import {
  ApiContact,
  connectKubernetes,
  EndpointIndex,
  type EventRecorder,
  PathAccess,
  systemClock,
  TokenReviewer,
} from "#k8s/mod.ts";
import { createConsole, registryMetrics, serveConsole, serveHealth } from "#server/mod.ts";
import { serveSecureMetrics } from "#server/secure_metrics/mod.ts";
import { Admission } from "./admission.ts";
import { Allocation } from "./allocation.ts";
import { onAnyChange, openCaches } from "./caches.ts";
import { Configuration } from "./configuration.ts";
import { ConsoleView } from "./console_port.ts";
import { Leadership } from "./leadership.ts";
import { ControllerMetrics } from "./metrics.ts";
import type { ControllerOptions, Surroundings } from "./options.ts";
import { ServiceEvents } from "./service_events.ts";
import { Shadow } from "./shadow/mod.ts";
import { Speakers } from "./speakers.ts";
import { Terms } from "./terms.ts";
import { Topics } from "./topics.ts";
import { WebhookServer } from "./webhooks/mod.ts";
import { World } from "./world.ts";

export interface RunningController {
  /** The port of console and /metrics, where 0 was asked for. */
  readonly port: number;
  /** The port of /metrics over HTTPS, where it is served. */
  readonly secureMetricsPort: number | undefined;
  /** Closes everything; what Services hold stays as it is. */
  stop(): Promise<void>;
}

type Recorded = Parameters<EventRecorder["record"]>;

/** What is left of the events is given up after this long: the API server may be away. */
const flushMaxMs = 2_000;

/**
 * Wires the parts together: facts arrive from the caches and from the speakers, the book decides, the writers carry
 * out, the console shows. Resolves as soon as the console is served, also while the API server is away.
 */
export async function runController(
  options: ControllerOptions,
  { clock = systemClock, connect = connectKubernetes }: Surroundings = {},
): Promise<RunningController> {
  const log = createLogger({ level: options.logLevel, component: "controller" });
  const ended = new AbortController();
  const { signal } = ended;
  const topics = new Topics();

  const contact = new ApiContact({
    ...{ part: "controller", log, clock, signal },
    changed: () => topics.poke("configuration", "speakers"),
  });
  const { client, namespace, bearerToken, ask } = await connect({
    ...{ clock, contact },
    kubeconfig: options.kubeconfig,
    namespace: options.namespace,
    userAgent: `metallb-controller/${options.version}`,
    observe: (verb, resource, code, seconds) =>
      metrics.apiDuration.observe({ verb, resource, code }, seconds),
  });
  const leadership = new Leadership({
    ...{ client, namespace, log, clock },
    podName: options.podName ?? hostname(),
    election: options.isWebhookOnly ? undefined : options.leaderElection,
    neverLeads: options.isShadow,
  });
  // A list that begins when the Lease is taken need not be made twice.
  const elected = Promise.withResolvers<void>();
  const caches = openCaches(client, namespace, log, signal, clock, options.speakerLabels, elected.promise);
  contact.follow(Object.values(caches), ask);
  const recorder = { record: (...event: Recorded) => terms.current?.record(...event) };

  const allocation: Allocation = new Allocation({
    caches,
    loadBalancerClass: options.loadBalancerClass,
    recorder,
    log,
    clock,
    signal,
    namespace,
    timed: (work) => metrics.timed(work),
    decided(decision) {
      metrics.decided(decision);
      terms.current?.markPools();
      view.serviceChanged(decision.service);
    },
    touched(service) {
      // Also a Service that leaves and is decided upon no more changes the counters of its pool.
      terms.current?.markPools();
      view.serviceChanged(service, ["services"]);
    },
  });
  const { book } = allocation;
  const configuration: Configuration = new Configuration({
    caches,
    recorder,
    log,
    changed(config, heldPools) {
      terms.current?.tellState();
      metrics.configured(config, configuration.ownIssues);
      allocation.setPools(config, heldPools);
      terms.current?.markPools();
      shadow?.configured();
      view.factsChanged(["configuration", "pools", "services", "layer2", "bgp"]);
    },
  });
  const shadow = options.isShadow
    ? new Shadow({
        ...{ caches, client, namespace, log, clock, signal },
        loadBalancerClass: options.loadBalancerClass,
        config: () => configuration.config,
        endpointsOf: (service) => endpoints.of(service),
        changed: () => topics.poke("services"),
      })
    : undefined;
  const speakers: Speakers = new Speakers({
    pods: caches.speakers,
    fetch: shadow?.fetch ?? ((url, init) => fetch(url, init)),
    clock,
    token: bearerToken,
    log,
    signal,
    changed(changed, touched) {
      if (changed.includes("configuration")) configuration.hear(speakers.issues());
      view.speakersChanged(changed, touched);
    },
  });
  const endpoints = new EndpointIndex(caches.slices, (service) =>
    view.serviceChanged(service, ["services", "layer2"]),
  );
  const world = new World({
    book,
    services: caches.services,
    nodes: caches.nodes,
    endpoints,
    speakers,
    clock,
    config: () => configuration.config,
  });
  const view = new ConsoleView({
    book,
    services: caches.services,
    nodes: caches.nodes,
    endpoints,
    events: new ServiceEvents(caches.events, () => topics.poke("services")),
    speakers,
    world,
    topics,
    contact,
    issues: () => configuration.issues,
    declaredRanges: (pool) => configuration.declaredRanges(pool),
    leadership: () => leadership.view(),
    clock,
  });
  const metrics = new ControllerMetrics({
    version: options.version,
    book,
    issues: () => configuration.issues,
    pendingSince: () => view.pendingSince(),
    speakers: () => speakers.rows(),
    leads: () => leadership.leads,
    now: () => clock.now(),
  });
  metrics.watchContact(contact);
  const terms = new Terms({
    ...{ leadership, namespace, options, caches, allocation, configuration, metrics, log, clock, signal },
  });
  void leadership.start().then(elected.resolve);
  // Of a kind that could not be listed it may turn out that there is none.
  caches.communities.onConnection(() => terms.current?.tellState());
  onAnyChange(caches.nodes, () => view.factsChanged(["services", "layer2"]));
  onAnyChange(caches.pools, () => terms.current?.markPools());
  leadership.onChange(() => view.leadershipChanged());

  let webhooks: WebhookServer | undefined;
  const waitingFor = () => [
    ...(configuration.config ? [] : ["the configuration is not listed yet"]),
    ...(webhooks?.isSettled === false ? ["the webhooks are not served yet"] : []),
  ];
  const app = createConsole({
    waitingFor,
    port: view,
    // Not remembered: a login by a one-time token must reach the API server.
    auth: new TokenReviewer(client),
    metrics: options.isPlainMetricsOff ? undefined : registryMetrics(metrics.registry),
    version: options.version,
    shadow: shadow && (() => shadow.report),
    fault: log.error,
  });
  const place = {
    hostname: options.hostname,
    port: options.port,
    ...(options.unixSocket !== undefined && { unixSocket: options.unixSocket }),
  };
  const served = await serveConsole(app, place, options.consoleTls, {
    log,
    shown: metrics.certificate("console"),
  });
  const health = await serveHealth(options.hostname, options.healthPort ?? 0, waitingFor);
  const secureMetrics = await serveSecureMetrics(options.secureMetrics, {
    hostname: options.hostname,
    metrics: registryMetrics(metrics.registry),
    access: new PathAccess(client, log),
    selfSigned: selfSignedSource("metallb-controller", clock),
    shown: metrics.certificate("metrics"),
    log,
  });
  log.info("controller started", { version: options.version, namespace, port: served.port });

  if (options.webhooks && !shadow) {
    const admission = new Admission({
      namespace,
      resources: () => configuration.resources(),
      services: caches.services,
      nodes: caches.nodes,
      book,
      speakers,
    });
    webhooks = new WebhookServer(options.webhooks, {
      client: leadership.client,
      leadership,
      namespace,
      admission,
      log,
      clock,
      signal,
      shown: metrics.certificate("webhooks"),
    });
    void webhooks.run();
  }

  // Not awaited: pages and metrics are served while the API server is still away.
  terms.run();
  shadow?.run();

  return {
    port: served.port,
    secureMetricsPort: secureMetrics?.port,
    async stop() {
      if (signal.aborted) return;
      await Promise.race([terms.current?.flush(), Bun.sleep(flushMaxMs)]);
      await leadership.stop();
      ended.abort();
      metrics.stop();
      await Promise.all([served.stop(), secureMetrics?.stop(), health?.stop()]);
      log.info("controller stopped");
    },
  };
}
