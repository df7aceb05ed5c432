import { type ServiceView, serviceKey } from "#core/service/mod.ts";
import { createLogger, defaultGateways } from "#io/mod.ts";
import { selfSignedSource } from "#k8s/certificates/mod.ts";
import {
  ApiContact,
  ConfigurationStateWriter,
  connectKubernetes,
  EndpointIndex,
  EventRecorder,
  PathAccess,
  speakerSelector,
  systemClock,
  TokenReviewer,
} from "#k8s/mod.ts";
import type { SpeakerState } from "#server/ports.ts";
import { serveSecureMetrics } from "#server/secure_metrics/mod.ts";
import { createSpeakerServer, registryMetrics, serve, serveHealth } from "#server/speaker/mod.ts";
import { BfdPeers } from "./bfd.ts";
import { BgpSpeaker } from "./bgp/mod.ts";
import { type BgpStatuses, openBgpStatuses } from "./bgp_status/mod.ts";
import {
  onAnyChange,
  onConfigChange,
  onRelabelled,
  verdictOn,
  watchCluster,
  whenAnswered,
} from "./cluster.ts";
import { Decisions } from "./decisions.ts";
import { Hearing } from "./hear.ts";
import { openLayerA } from "./layer_a.ts";
import { OwnAddresses } from "./layer2.ts";
import { Members } from "./members.ts";
import { SpeakerMetrics } from "./metrics.ts";
import { Moves } from "./moves.ts";
import { openDataPlane } from "./open_data_plane.ts";
import type { SpeakerOptions, Surroundings } from "./options.ts";
import { ringPeers } from "./ring_peers.ts";
import { Routes } from "./routes.ts";
import { contactState, Version } from "./status.ts";
import { Telling } from "./telling.ts";

/** The others have so long to take what this node announces; it takes them a fraction of that. */
const handOverGraceMs = 1_500;
/** BFD waits so long for BGP's goodbye at the end. */
const bfdGraceMs = 2_000;

export interface RunningSpeaker {
  /** Says goodbye to fellow speakers and routers, then closes everything. */
  stop(): Promise<void>;
}

/**
 * One node's speaker: facts arrive from the cluster and from the data plane, {@link Decisions} turns them into
 * announcements, the data plane and the BGP sessions carry those out, and the server shows all of it.
 */
export async function runSpeaker(
  options: SpeakerOptions,
  { clock = systemClock, connect = connectKubernetes, dataPlaneOf = openDataPlane }: Surroundings = {},
): Promise<RunningSpeaker> {
  const log = createLogger({ level: options.logLevel, component: "speaker" }).with({
    node: options.nodeName,
  });
  const startedAt = clock.now();
  const ended = new AbortController();
  const version = new Version();
  const members = new Members(options.nodeName, { isDisabled: options.isMemberlistDisabled ?? false });
  const moves = new Moves(options.nodeName, members);
  const addresses = new OwnAddresses(options.nodeName, options.recordOnly);
  let bgpStatuses: BgpStatuses | undefined;
  const bgp = new BgpSpeaker({
    nodeName: options.nodeName,
    onChange: () => {
      version.bump();
      bfd.follow();
      bgpStatuses?.sessions(bgp.sessions());
    },
    log: (level, peer, message) => log[level](message, { protocol: "bgp", peer }),
  });
  const bfd = new BfdPeers({
    bgp,
    send: (sessions) => dataPlane?.bfd(sessions),
    log,
    changed: () => version.bump(),
  });
  const routes = new Routes(bgp);
  const metrics = new SpeakerMetrics({
    node: options.nodeName,
    version: options.version,
    addresses,
    routes,
    bgp,
    bfd,
    members,
  });

  const changed = () => version.bump();
  const contact = new ApiContact({ ...{ part: "speaker", log, clock, changed }, signal: ended.signal });
  metrics.watchContact(contact);
  const { client, namespace, ask } = await connect({
    ...{ clock, contact },
    kubeconfig: options.kubeconfig,
    namespace: options.namespace,
    userAgent: `metallb-speaker/${options.version}`,
    observe: (verb, resource, code, seconds) =>
      metrics.apiDuration.observe({ verb, resource, code }, seconds),
  });
  const common = { options, client, namespace, log, clock, signal: ended.signal };
  const labels = options.memberlistLabels || speakerSelector;
  const cluster = watchCluster(client, namespace, labels, log, ended.signal, clock);
  contact.follow(Object.values(cluster), ask);
  const events = new EventRecorder(client, {
    component: "metallb-speaker",
    host: options.nodeName,
    log,
    clock,
  });
  const configurationState = new ConfigurationStateWriter({
    ...common,
    component: { type: "speaker", node: options.nodeName },
    podName: options.podName,
  });
  bgpStatuses = openBgpStatuses({ ...common, cluster });
  routes.onServicePeers((service, peers) => bgpStatuses?.servicePeers(service, peers));
  const dataPlane = await dataPlaneOf(options, log);
  const parts = { ...common, cluster, addresses, members, metrics, changed };
  const telling = new Telling({ ...parts, recorder: events });
  const decisions = new Decisions({
    ...parts,
    moves,
    routes,
    telling,
    watchPeers: (peers, profiles) => bfd.setPeers(peers, profiles),
    dataPlane,
    announced: (report) => hearing.heard(report),
    judged: (issues) => configurationState.report(verdictOn(cluster, issues)),
  });

  telling.incumbents.onChange((service, node) => decisions.setIncumbent(service, node));

  const settled = Promise.withResolvers<void>();
  let areCachesComplete = false;
  const hearing = new Hearing(
    {
      log,
      members,
      moves,
      addresses,
      metrics,
      telling,
      decisions,
      settled: () => settled.resolve(),
      changed: () => version.bump(),
    },
    options.recordOnly ? [] : defaultGateways(),
  );

  const layerA = await openLayerA(options, log, members, ({ isBack, isDecisive }) => {
    if (isDecisive) decisions.mark("nodes", ...(isBack ? (["announcement"] as const) : []));
    version.bump();
  });

  function followSpeakers(): void {
    members.setPods(cluster.speakers.values(), clock.now());
    dataPlane?.peers(ringPeers(options, members, cluster.nodes));
    layerA?.follow();
    decisions.mark("nodes");
  }

  const isOurs = (view: ServiceView) => (view.loadBalancerClass ?? "") === options.loadBalancerClass;
  dataPlane?.onReport((report) => {
    if (report.type === "bfd") bfd.heard(report.sessions);
    else hearing.heard(report);
    telling.heard(report);
    if (report.type === "member") layerA?.judged(report.node, report.state);
  });
  cluster.services.subscribe({
    changed: (after) => decisions.setService(serviceKey(after), isOurs(after) ? after : undefined),
    removed: (before) => decisions.setService(serviceKey(before), undefined),
  });
  new EndpointIndex(cluster.slices, (service, endpoints) => decisions.setEndpoints(service, endpoints));
  onAnyChange(cluster.speakers, () => {
    if (areCachesComplete) followSpeakers();
  });
  onAnyChange(cluster.nodes, () => decisions.mark("nodes", "peers"));
  // What is in conflict on this node depends on what its labels select.
  onRelabelled(cluster, options.nodeName, () => decisions.mark("config"));
  onConfigChange(cluster, () => decisions.mark("config"));

  const state = (): SpeakerState => ({
    version: version.number,
    node: options.nodeName,
    pod: options.podName,
    build: options.version,
    startedAt,
    recordOnly: options.recordOnly,
    announcements: addresses.list(),
    routes: routes.list(),
    sessions: bgp.sessions(),
    bfd: bfd.list(),
    ...telling.state(),
    moves: [...moves.list()],
    issues: decisions.issues,
    gateways: hearing.gateways,
    ...contactState(contact),
    ...(layerA ? { memberlist: layerA.state() } : {}),
  });
  const waitingFor = () =>
    areCachesComplete ? [] : ["Services, nodes and configuration are not listed yet"];
  const app = createSpeakerServer({
    state,
    waitingFor,
    waitForChange: (after, timeoutMs, signal) => version.wait(after, timeoutMs, signal),
    auth: new TokenReviewer(client, { rememberMs: 60_000 }),
    metrics: options.isPlainMetricsOff ? undefined : registryMetrics(metrics.registry),
  });
  const served = await serve(app, {
    hostname: options.host,
    port: options.port,
    ...(options.unixSocket === undefined ? {} : { unixSocket: options.unixSocket }),
  });
  const health = await serveHealth("127.0.0.1", options.healthPort ?? 0, waitingFor);
  const secureMetrics = await serveSecureMetrics(options.secureMetrics, {
    hostname: options.host,
    metrics: registryMetrics(metrics.registry),
    access: new PathAccess(client, log),
    selfSigned: selfSignedSource("metallb-speaker", clock),
    shown: metrics.certificate("metrics"),
    log,
  });
  log.info("speaker started", {
    version: options.version,
    port: served.port,
    recordOnly: options.recordOnly,
  });

  // Not awaited: metrics and state are served while the API server is still away.
  void begin();

  /** Nothing is announced before it is known who else lives, or a node that restarts would answer beside its deputy. */
  async function begin(): Promise<void> {
    await whenAnswered(cluster);
    areCachesComplete = true;
    followSpeakers();
    if (dataPlane) await settled.promise;
    if (ended.signal.aborted) return;
    decisions.start();
    telling.start();
    bgpStatuses?.start();
    log.info("caches complete", { services: cluster.services.size, nodes: cluster.nodes.size });
  }

  return {
    async stop() {
      if (ended.signal.aborted) return;
      ended.abort();
      decisions.stop();
      metrics.stop();
      // Answered until another says that it does; where nobody can say so, the goodbye is enough.
      const canHandOver = members.list().some(({ state, isCapable }) => state === "alive" && isCapable);
      await Promise.all([
        dataPlane?.stop(
          Math.max(
            canHandOver ? handOverGraceMs : 0,
            // BFD goes on until BGP has said goodbye, as its end may be taken for a failure.
            bfd.isWatching ? bfdGraceMs + bgp.gracefulShutdownMs : 0,
          ),
        ),
        layerA?.leave(),
        bgp.stop("speaker shutting down").then(() => bfd.stop()),
        events.flush(),
      ]);
      await Promise.all([served.stop(), secureMetrics?.stop(), health?.stop()]);
      log.info("speaker stopped");
    },
  };
}
