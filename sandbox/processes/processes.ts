import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterApi } from "../cluster/cluster_api.ts";
import { kubelet, serviceAccount } from "../cluster/credentials.ts";
import type { Launcher, OwnPod } from "../cluster/own_pods.ts";
import {
  birdCommand,
  birdConfig,
  Child,
  type Ledger,
  type Output,
  type Station,
  stationNamed,
} from "../lab/mod.ts";
import type { SandboxOptions } from "../options.ts";
import { ControllerSlots, controllerAt } from "./controller_slots.ts";
import type { Ground, Place } from "./ground.ts";
import { agentCommand, controllerCommand, speakerCommand } from "./parts.ts";
import type { Paths } from "./paths.ts";

interface ProcessesOptions {
  options: SandboxOptions;
  ground: Ground;
  paths: Paths;
  cluster: ClusterApi;
  ledger: Ledger;
  /** A process has ended without being asked to. */
  died(child: Child, how: string): void;
}

const stopGraceMs = 2000;
const portsBeside = 100;

/** Starts the sandbox's processes, each on its ground and with credentials of its own. */
export class Processes implements Launcher {
  readonly #given: ProcessesOptions;
  /** By the station's name: a node's kubelet, kube-proxy and way to the API; another station's way alone. */
  readonly #agents = new Map<string, Child>();
  readonly #slots = new ControllerSlots();
  #router: Child | undefined;

  constructor(given: ProcessesOptions) {
    this.#given = given;
  }

  /** The file that the speakers are given as the mounted Secret `memberlist`; gives its text. */
  writeSecretKey(): string {
    const text = Buffer.from(crypto.getRandomValues(new Uint8Array(96))).toString("base64");
    mkdirSync(this.#secretDirectory, { mode: 0o700 });
    writeFileSync(join(this.#secretDirectory, "secretkey"), text, { mode: 0o600 });
    return text;
  }

  /** The router, and an agent wherever the API is needed. */
  startStations(): void {
    const { plan } = this.#given.ground;
    for (const station of plan.stations) {
      if (station.role === "router") this.#router = this.#startRouter(station);
      else if (station.role !== "client") this.startAgent(station.name);
    }
  }

  startAgent(name: string): Child {
    const { ground, cluster, options } = this.#given;
    const station = stationNamed(ground.plan, name);
    const { apiServer } = ground.placeOf(station);
    const user = kubelet(name);
    const node = station.role === "node" && {
      name,
      kubeconfig: cluster.credentials.kubeconfig(`agent-${name}`, user, apiServer),
    };
    const { unixSocket } = cluster;
    const { logLevel } = options;
    const dialSocket = this.dialSocketOf(station);
    // One that an agent before this has left would be in the way.
    rmSync(dialSocket, { force: true });
    const argv = agentCommand({ apiSocket: unixSocket, dialSocket, logLevel, ...(node && { node }) });
    const agent = this.#start(`agent-${name}`, station, argv);
    this.#agents.set(name, agent);
    return agent;
  }

  get agents(): ReadonlyMap<string, Child> {
    return this.#agents;
  }

  get router(): Child | undefined {
    return this.#router;
  }

  /** MetalLB's controller or one of its speakers, under the Pod's name. */
  launch(pod: OwnPod, output?: Output): Child {
    const { ground, cluster, options } = this.#given;
    const station = this.#stationOf(pod);
    const place = this.placeOf(pod);
    const user = serviceAccount(pod.component, pod.name);
    const name = this.#nameOf(pod);
    const common = {
      kubeconfig: cluster.credentials.kubeconfig(name, user, place.apiServer),
      podName: pod.name,
      place,
      unixSocket: this.socketOf(pod),
      logLevel: options.logLevel,
    };
    const speaker = { node: pod.node, secretDirectory: this.#secretDirectory, recordOnly: !ground.hasLan };
    const isController = pod.component === "controller";
    const controller = { webhookSocket: this.webhookSocketOf(pod), leaseDuration: options.leaseDuration };
    const argv = isController
      ? controllerCommand({ ...common, ...controller })
      : speakerCommand({ ...common, ...speaker });
    const child = this.#start(name, station, argv, output);
    if (isController) this.#slots.started(pod.uid, child);
    return child;
  }

  socketOf(pod: OwnPod): string {
    return this.#given.paths.socket(this.#nameOf(pod));
  }

  /** Where a controller answers the API's webhooks: no TCP of the host reaches its namespace. */
  webhookSocketOf(pod: OwnPod): string {
    return this.#given.paths.socket(`webhooks-${this.#nameOf(pod)}`);
  }

  stationNameOf(pod: OwnPod): string {
    return this.#stationOf(pod).name;
  }

  placeOf(pod: OwnPod): Place {
    const place = this.#given.ground.placeOf(this.#stationOf(pod));
    if (pod.component !== "controller") return place;
    // One more than there are machines, while another still ends: at its side, on ports of its own.
    const round = Math.floor(this.#slots.of(pod.uid) / this.#given.options.controllers);
    return { ...place, port: place.port + round * portsBeside };
  }

  /** Where the station's agent takes wishes for connections into its namespace. */
  dialSocketOf({ name }: Pick<Station, "name">): string {
    return this.#given.paths.socket(`dial-${name}`);
  }

  dialSocketOfPod(pod: OwnPod): string {
    return this.dialSocketOf(this.#stationOf(pod));
  }

  addressOf(pod: OwnPod): { podIP: string; hostIP: string } {
    const { ground } = this.#given;
    const { address: hostIP } = stationNamed(ground.plan, pod.node);
    return { podIP: this.placeOf(pod).address, hostIP };
  }

  /** Agents and router; MetalLB's own Pods are stopped before, while they can still say goodbye. */
  async stop(): Promise<void> {
    const all = [...this.#agents.values(), ...(this.#router ? [this.#router] : [])];
    await Promise.all(all.filter((child) => child.isRunning).map((child) => child.stop(stopGraceMs)));
  }

  #startRouter(station: Station): Child {
    const { paths, ground } = this.#given;
    const files = {
      config: join(paths.sockets, "bird.conf"),
      control: paths.socket(routerName),
      pid: join(paths.sockets, "bird.pid"),
      log: paths.log(routerName),
    };
    writeFileSync(files.config, birdConfig(ground.plan, station, files), { mode: 0o600 });
    return this.#start(`${routerName}-output`, station, birdCommand(files));
  }

  #start(name: string, station: Station, argv: string[], output?: Output): Child {
    const { ground, paths, ledger, died } = this.#given;
    const { namespace } = ground.placeOf(station);
    const child = new Child(
      { name, argv, logFile: paths.log(name), ...(namespace && { namespace }), ...(output && { output }) },
      ledger,
    );
    void child.ended.then((how) => {
      if (!child.isEnding) died(child, how);
    });
    return child;
  }

  #stationOf(pod: OwnPod): Station {
    const { ground, options } = this.#given;
    const at = () => controllerAt(this.#slots.of(pod.uid) % options.controllers);
    return stationNamed(ground.plan, pod.component === "controller" ? at() : pod.node);
  }

  /** Of a Pod's process, its log and its socket. */
  #nameOf(pod: OwnPod): string {
    return pod.component === "controller" ? controllerAt(this.#slots.of(pod.uid)) : speakerName(pod.node);
  }

  get #secretDirectory(): string {
    return join(this.#given.paths.credentials, "memberlist");
  }
}

export const routerName = "bird";
export function speakerName(node: string): string {
  return `speaker-${node}`;
}
