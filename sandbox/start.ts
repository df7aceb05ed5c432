import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { createLogger, type Logger } from "#io/mod.ts";
import { resources } from "#k8s/mod.ts";
import {
  AskedController,
  admin,
  applyBase,
  applyExamples,
  baseObjects,
  controllerDeployment,
  createOrRenew,
  daemonSets,
  OwnPods,
  openClusterApi,
  PodLogs,
  removeStale,
  runDaemonSet,
  SandboxRuntime,
  speakerDaemonSet,
  startPaperKubelet,
} from "./cluster/mod.ts";
import { controlName, obey, serveControl } from "./control/mod.ts";
import {
  BoundedLog,
  type Child,
  claimDirectory,
  createNetwork,
  environment,
  hasBird,
  type Ledger,
  type Leftovers,
  labId,
  labSupport,
  markerVariable,
  nodesOf,
  planLab,
  readLedger,
  removeLeftovers,
} from "./lab/mod.ts";
import { httpPort, metallbNamespace, type SandboxOptions } from "./options.ts";
import { openHostPorts, prometheusConfig } from "./ports/mod.ts";
import { Ground, ownCommand, ownNames, Paths, Processes } from "./processes/mod.ts";
import { Sandbox } from "./sandbox.ts";
import { startWorkload } from "./workload/mod.ts";

/** What happens on the way and later, for whoever shows it. */
export type SandboxNews =
  | { type: "leftovers"; removed: Leftovers }
  | { type: "died"; child: Child; how: string; logFile: string }
  | { type: "late"; names: string[]; logs: string };

const readyLimitMs = 30_000;
const logBytesMax = 8 * 1024 * 1024;

/**
 * Brings up the whole cluster and resolves when everything in it serves. Rejects with SandboxError where the options
 * or the machine do not allow it. Whatever a failed start has made is removed again.
 */
export async function startSandbox(
  options: SandboxOptions,
  tell: (news: SandboxNews) => void = () => {},
): Promise<Sandbox> {
  const { stateDirectory, ledger, removed } = claimDirectory(options.stateDirectory, ownNames);
  if (removed.processes.length + removed.namespaces.length > 0) tell({ type: "leftovers", removed });
  const ended = new AbortController();
  const opened = new AsyncDisposableStack();
  try {
    return await build(options, stateDirectory, ledger, tell, { ended, opened });
  } catch (error) {
    ended.abort();
    removeLeftovers(stateDirectory);
    await opened.disposeAsync();
    throw error;
  }
}

/** Removes what this process has made in a start that is not through; what another sandbox made there stays. */
export function abandonStart(directory: string): void {
  if (!existsSync(directory)) return;
  const stateDirectory = realpathSync(directory);
  if (readLedger(stateDirectory)?.owner.pid === process.pid) removeLeftovers(stateDirectory);
}

async function build(
  options: SandboxOptions,
  stateDirectory: string,
  ledger: Ledger,
  tell: (news: SandboxNews) => void,
  { ended, opened }: { ended: AbortController; opened: AsyncDisposableStack },
): Promise<Sandbox> {
  const { signal } = ended;
  const support = labSupport(labId(stateDirectory), options.recordOnly);
  const plan = planLab({ ...options, stateDirectory, hasRouter: support.ok && hasBird() });
  const nodes = nodesOf(plan);
  const nodeNames = nodes.map(({ name }) => name);
  const paths = new Paths(stateDirectory, ledger);
  const log = openLog(paths, options);
  if (support.ok) createNetwork(plan);

  const logs = new PodLogs(join(paths.logs, "pods"), metallbNamespace);
  const podRuntime = new SandboxRuntime({
    ...{ logs, httpPort, command: ownCommand },
    environment: { ...environment(), [markerVariable]: ledger.data.id },
    find: (uid) => ownPods.byUid(uid),
    placeOf: (pod) => processes.placeOf(pod),
    dialSocketOfPod: (pod) => processes.dialSocketOfPod(pod),
    dialSocketOfNode: (name) => (support.ok ? processes.dialSocketOf({ name }) : undefined),
  });
  let asked: AskedController | undefined;
  const webhookSocket = () => {
    const found = asked?.find();
    return found && processes.webhookSocketOf(found.pod);
  };
  const cluster = await openClusterApi(paths, options, podRuntime, webhookSocket);
  opened.defer(cluster.close);
  const { credentials, serving } = cluster;
  const { client } = cluster.api;
  const ground = new Ground(plan, support, serving.url);
  const processes = new Processes({
    ...{ options, ground, paths, cluster, ledger },
    died: (child, how) => tell({ type: "died", child, how, logFile: paths.log(child.name) }),
  });
  await removeStale(client, nodeNames);
  await applyBase(client, baseObjects(nodes, processes.writeSecretKey(), Date.now(), plan.podCidr));
  if (support.ok) processes.startStations();
  else startPaperKubelet(client, nodes, { log, signal });

  const workload = startWorkload(client, { log, signal, now: Date.now });
  const ownPods = new OwnPods(client, processes, { log, signal, logs });
  asked = new AskedController(client, ownPods, { log, signal });
  await createOrRenew(
    client,
    resources.deployments,
    controllerDeployment(options.version, options.controllers),
  );
  await createOrRenew(client, daemonSets, speakerDaemonSet(options.version));
  runDaemonSet(client, nodeNames, { log, signal });
  await workload.ready;
  const consoleSocket = () => {
    const found = asked?.find();
    return found ? processes.socketOf(found.pod) : paths.socket("nobody");
  };
  const ports = await openHostPorts(paths, nodeNames, options.consolePort, consoleSocket, { log, signal });
  const adminToken = credentials.token(admin);
  const kubeconfig = credentials.kubeconfigText(adminToken, serving.url);

  const sandbox: Sandbox = new Sandbox({
    ...{ stateDirectory, ground, client, ownPods, asked, consoleSocket, processes, paths, adminToken },
    addresses: {
      ...ports,
      api: serving.url,
      kubeconfig: paths.userFile("kubeconfig", kubeconfig, 0o600),
      prometheusFile: paths.userFile("prometheus.yml", prometheusConfig(ports.metrics), 0o644),
    },
    loginToken: () => credentials.oneTimeToken(admin),
    async close() {
      ended.abort();
      control.close();
      await opened.disposeAsync();
    },
  });
  const control = await serveControl(paths.socket(controlName), (request) => obey(sandbox, request));
  if (options.demo) await applyExamples(client);
  const late = await ownPods.whenReady(nodes.length + options.controllers, readyLimitMs);
  if (late.length > 0) tell({ type: "late", names: late, logs: paths.logs });
  return sandbox;
}

function openLog(paths: Paths, { logLevel }: SandboxOptions): Logger {
  const file = new BoundedLog(paths.log("sandbox"), logBytesMax);
  return createLogger({
    level: logLevel,
    component: "sandbox",
    write: (line) => file.write(Buffer.from(line)),
  });
}
