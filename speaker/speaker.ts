import { Announcements } from "#core/announce/mod.ts";
import { type Config, type ConfigIssue, parseConfig } from "#core/config/mod.ts";
import { type ServiceView, serviceKey } from "#core/service/mod.ts";
import { createLogger } from "#io/mod.ts";
import { connectKubernetes, EventRecorder, TokenReviewer } from "#k8s/mod.ts";
import { createSpeakerServer, registryMetrics, type SpeakerState, serve } from "#server/mod.ts";
import { BgpSpeaker } from "./bgp/mod.ts";
import {
  type Cluster,
  configResources,
  Endpoints,
  onAnyChange,
  onConfigChange,
  watchCluster,
  whenSynced,
} from "./cluster.ts";
import { DataPlane, type Report } from "./data_plane/mod.ts";
import { heartbeatKey } from "./heartbeat_key.ts";
import { OwnAddresses } from "./layer2.ts";
import { Members } from "./members.ts";
import { SpeakerMetrics } from "./metrics.ts";
import { Moves } from "./moves.ts";
import { excludedInterfaces, type SpeakerOptions } from "./options.ts";
import { peerSettings } from "./peer_settings.ts";
import { Routes } from "./routes.ts";
import { Version } from "./status.ts";

/** Sign of life every so often; four that are missing make a speaker dead. */
const heartbeatIntervalMs = 150;

export interface RunningSpeaker {
  /** Says goodbye to fellow speakers and routers, then closes everything. */
  stop(): Promise<void>;
}

/**
 * One node's speaker. Facts arrive from the cluster and from the data plane, mark what they touch in
 * {@link Announcements}, and one turn later what came out differently is carried out: addresses to the data plane,
 * routes to the BGP sessions, events and moves to whoever reads them.
 */
export async function runSpeaker(options: SpeakerOptions): Promise<RunningSpeaker> {
  const log = createLogger({ level: options.logLevel, component: "speaker" }).with({
    node: options.nodeName,
  });
  const startedAt = Date.now();
  const ended = new AbortController();
  const version = new Version();
  const members = new Members(options.nodeName);
  const moves = new Moves(options.nodeName, members);
  const addresses = new OwnAddresses(options.nodeName);
  const bgp = new BgpSpeaker({
    nodeName: options.nodeName,
    onChange: () => version.bump(),
    log: (level, peer, message) => log[level](message, { peer }),
  });
  const routes = new Routes(bgp);
  const metrics = new SpeakerMetrics({
    node: options.nodeName,
    version: options.version,
    addresses,
    routes,
    bgp,
    members,
  });

  const { client, namespace } = await connectKubernetes({
    kubeconfig: options.kubeconfig,
    namespace: options.namespace,
    userAgent: `metallb-speaker/${options.version}`,
    observe: (verb, resource, code, seconds) =>
      metrics.apiDuration.observe({ verb, resource, code }, seconds),
  });
  const events = new EventRecorder(client, { component: "metallb-speaker", host: options.nodeName, log });
  const cluster = watchCluster(client, namespace, log, ended.signal);
  const announcements = new Announcements({
    node: options.nodeName,
    ignoreExcludeLabel: options.ignoreExcludeLabel,
  });
  const dataPlane = options.recordOnly
    ? undefined
    : new DataPlane({
        node: options.nodeName,
        heartbeatAddress: options.memberlistAddress,
        heartbeatPort: options.memberlistPort + 1,
        heartbeatKey: await heartbeatKey(options.secretKeyPath, log),
        heartbeatIntervalMs,
        excludedInterfaces,
      });

  let config: Config | undefined;
  let issues: ConfigIssue[] = [];
  let isStarting = true;
  const marks = { config: true, nodes: true, peers: true };
  let isScheduled = false;
  let isStopped = false;

  /** Everything that came in during this turn of the event loop is decided at once. */
  function schedule(): void {
    if (isScheduled || isStopped || isStarting) return;
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      if (!isStopped) work();
    }, 0);
  }

  function work(): void {
    metrics.updates.inc();
    const now = Date.now();
    if (marks.config) applyConfig();
    if (marks.nodes) announcements.setNodes(nodeFacts(cluster, members));
    if (marks.peers && config && !options.recordOnly) {
      routes.setPeers(peerSettings(config.peers, cluster.nodes.get(options.nodeName)?.labels ?? {}));
    }
    Object.assign(marks, { config: false, nodes: false, peers: false });
    const { layer2, routes: routeChanges } = announcements.decide();
    for (const change of layer2) {
      moves.decided(change, now, isStarting);
      if (change.after?.winner === options.nodeName && change.before?.winner !== options.nodeName) {
        for (const service of change.after.services) assigned(service, "layer2");
      }
      if (options.recordOnly) moves.announced(change.address, now);
    }
    for (const change of routeChanges) {
      if (change.before.length === 0 && change.after.length > 0) assigned(change.service, "bgp");
    }
    if (addresses.apply(layer2, now)) dataPlane?.own(addresses.forDataPlane());
    routes.apply(routeChanges, now);
    version.bump();
  }

  function applyConfig(): void {
    const parsed = parseConfig(configResources(cluster), config);
    config = parsed.config;
    issues = parsed.issues;
    announcements.setConfig(config);
    marks.peers = true;
    metrics.configLoaded.set(1);
    metrics.configStale.set(issues.length > 0 ? 1 : 0);
    for (const issue of issues) log.warn("configuration object rejected", { ...issue });
  }

  function assigned(key: string, protocol: "layer2" | "bgp"): void {
    const view = cluster.services.get(key);
    if (!view) return;
    events.record(
      { apiVersion: "v1", kind: "Service", namespace: view.namespace, name: view.name, uid: view.uid },
      "Normal",
      "nodeAssigned",
      `announcing from node "${options.nodeName}" with protocol "${protocol}"`,
    );
  }

  function heard(report: Report): void {
    if (report.type === "member") {
      log.info("fellow speaker", { member: report.node, state: report.state });
      members.heard(report.node, report.state, report.lastHeardAt, report.at);
      marks.nodes = true;
      schedule();
    } else if (report.type === "announced") {
      const before = moves.list()[0];
      addresses.announced(report);
      moves.announced(report.address, report.at);
      const move = moves.list()[0];
      if (move && move !== before) {
        metrics.announcerChanges.inc({ cause: move.why.code });
        if (move.from !== undefined && move.tookMs !== undefined)
          metrics.takeovers.observe(move.tookMs / 1000);
        log.info("address announced", { ...move, why: move.why.code });
      }
    } else if (report.type === "counters") {
      addresses.counted(report.addresses);
      return;
    } else if (report.type === "problem") log.warn(report.message);
    version.bump();
  }

  function followSpeakers(): void {
    members.setPods(cluster.speakers.values(), Date.now());
    dataPlane?.peers(
      members.list().map(({ node, address }) => ({ node, address, port: options.memberlistPort + 1 })),
    );
    marks.nodes = true;
    schedule();
  }

  const isOurs = (view: ServiceView) => (view.loadBalancerClass ?? "") === options.loadBalancerClass;
  cluster.services.subscribe({
    changed(after) {
      announcements.setService(serviceKey(after), isOurs(after) ? after : undefined);
      schedule();
    },
    removed(before) {
      announcements.setService(serviceKey(before), undefined);
      schedule();
    },
  });
  new Endpoints().follow(cluster.slices, (service, endpoints) => {
    announcements.setEndpoints(service, endpoints);
    schedule();
  });
  onAnyChange(cluster.speakers, followSpeakers);
  onAnyChange(cluster.nodes, () => {
    marks.nodes = true;
    marks.peers = true;
    schedule();
  });
  onConfigChange(cluster, () => {
    marks.config = true;
    schedule();
  });
  dataPlane?.onReport(heard);

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
    members: members.list(),
    moves: [...moves.list()],
    issues,
  });
  const app = createSpeakerServer({
    state,
    waitForChange: (after, timeoutMs, signal) => version.wait(after, timeoutMs, signal),
    auth: new TokenReviewer(client, { rememberMs: 60_000 }),
    metrics: registryMetrics(metrics.registry),
  });
  const served = await serve(app, {
    hostname: options.host,
    port: options.port,
    ...(options.unixSocket === undefined ? {} : { unixSocket: options.unixSocket }),
  });
  log.info("speaker started", {
    version: options.version,
    port: served.port,
    recordOnly: options.recordOnly,
  });

  // Not awaited: metrics and state are served while the API server is still away.
  void whenSynced(cluster).then(() => {
    if (isStopped) return;
    followSpeakers();
    work();
    isStarting = false;
    log.info("caches complete; announcing", { services: cluster.services.size, nodes: cluster.nodes.size });
  });

  return {
    async stop() {
      if (isStopped) return;
      isStopped = true;
      ended.abort();
      await Promise.all([dataPlane?.stop(), bgp.stop("speaker shutting down"), events.flush()]);
      await served.stop();
      log.info("speaker stopped");
    },
  };
}

function nodeFacts(cluster: Cluster, members: Members) {
  return [...cluster.nodes.values()].map((node) => ({ ...node, hasSpeaker: members.isAlive(node.name) }));
}
