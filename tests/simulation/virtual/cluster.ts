import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningController, runController } from "#controller/mod.ts";
import type { Connection, ConnectOptions, KubeClient, KubeError, KubeObject } from "#k8s/mod.ts";
import { resources } from "#k8s/mod.ts";
import { ManualClock, settle } from "#k8s/testing/mod.ts";
import { createSandboxApi, type SandboxApi } from "#sandbox/api/mod.ts";
import type { AttentionItem, Overview } from "#server/mod.ts";
import { type RunningSpeaker, runSpeaker } from "#speaker/mod.ts";
import { installDefinitions } from "../../integration/controller_support.ts";
import { randomFrom } from "../random.ts";
import type { Accounts } from "./accounts.ts";
import { CountingClient, type Write } from "./counting_client.ts";
import { SilentDataPlane } from "./silent_data_plane.ts";

const token = "virtual-cluster-token";
export const ownNamespace = "metallb-system";
const level = (process.env.MLBT_LOG as "debug" | undefined) ?? "none";

/** Chance that differs from call to call and is the same in every run. */
class ChancyClock extends ManualClock {
  readonly #chance = randomFrom(21);
  override random(): number {
    return this.#chance();
  }
}

/**
 * A whole cluster on virtual time: the sandbox's API, the real controller and a real speaker, each with its own counted
 * way to the API, and nothing in the place of either but sockets and the clock.
 */
export class VirtualCluster {
  readonly clock = new ChancyClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly api: SandboxApi;
  readonly writes: Write[] = [];
  readonly dataPlane = new SilentDataPlane(() => this.clock.now());
  /** Answers of the API that take its place; undefined: it answers itself. */
  refuse: (by: string, what: string, name: string) => KubeError | undefined = () => undefined;
  /** Where they are, each part comes to the API as its ServiceAccount, over HTTP without a socket. */
  accounts: Accounts | undefined;
  readonly #socket = join(tmpdir(), `mlbt-virtual-${Bun.randomUUIDv7()}.sock`);
  #controller: RunningController | undefined;
  #speaker: RunningSpeaker | undefined;

  constructor() {
    const { clock } = this;
    const every = (periodMs: number, callback: () => void): (() => void) => {
      let cancel = clock.after(periodMs, function again() {
        callback();
        cancel = clock.after(periodMs, again);
      });
      return () => cancel();
    };
    const scheduler = { after: (ms: number, callback: () => void) => clock.after(ms, callback), every };
    this.api = createSandboxApi({ now: () => clock.now(), scheduler });
    this.api.addToken(token, { username: "admin", groups: ["system:masters"] });
  }

  get client(): KubeClient {
    return this.api.client;
  }

  /** Nodes, namespaces and definitions; configuration and Services are the test's. */
  async prepare(nodes: readonly string[] = ["node1"]): Promise<void> {
    await installDefinitions(this.client);
    await this.client.create(resources.namespaces, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: ownNamespace },
    });
    for (const name of nodes)
      await this.client.create(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name } });
  }

  config(kind: string, name: string, spec: object): KubeObject {
    const version = kind === "BGPPeer" ? "v1beta2" : "v1beta1";
    return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace: ownNamespace }, spec };
  }

  async pool(name: string, ...addresses: string[]): Promise<void> {
    await this.client.create(resources.ipAddressPools, this.config("IPAddressPool", name, { addresses }));
  }

  async advertise(name = "l2"): Promise<void> {
    await this.client.create(resources.l2Advertisements, this.config("L2Advertisement", name, {}));
  }

  /** A Service with one endpoint on the node. */
  async serve(name: string, spec: object = {}, node = "node1"): Promise<void> {
    const metadata = { name, namespace: "default" };
    await this.client.create(resources.endpointSlices, sliceOf(name, node, true));
    await this.client.create(resources.services, {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { type: "LoadBalancer", selector: { app: name }, ports: [{ port: 80 }], ...spec },
    });
  }

  /** The Service's endpoint can serve, or cannot. */
  async endpoint(name: string, ready: boolean, node = "node1"): Promise<void> {
    const { endpoints } = sliceOf(name, node, ready);
    await this.client.patch(resources.endpointSlices, { name, namespace: "default" }, "merge", { endpoints });
  }

  async startController(more: object = {}): Promise<RunningController> {
    this.#controller = await runController(
      {
        namespace: ownNamespace,
        hostname: "127.0.0.1",
        port: 0,
        podName: "controller-1",
        loadBalancerClass: "",
        logLevel: level,
        version: "test",
        ...more,
      },
      { clock: this.clock, connect: this.#connect("controller") },
    );
    return this.#controller;
  }

  async startSpeaker(node = "node1"): Promise<RunningSpeaker> {
    this.#speaker = await runSpeaker(
      {
        namespace: ownNamespace,
        nodeName: node,
        podName: `speaker-${node}`,
        host: "127.0.0.1",
        port: 0,
        unixSocket: this.#socket,
        memberlistAddress: "127.0.0.1",
        memberlistPort: 7946,
        isMemberlistDisabled: true,
        loadBalancerClass: "",
        ignoreExcludeLabel: false,
        recordOnly: false,
        logLevel: level,
        version: "test",
      },
      {
        clock: this.clock,
        connect: this.#connect("speaker"),
        dataPlaneOf: async () => this.dataPlane.face,
      },
    );
    return this.#speaker;
  }

  /** Lets virtual time pass. */
  async pass(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1_000);
    await settle();
  }

  async addressOf(name: string): Promise<string | undefined> {
    const { status } = await this.client.get(resources.services, name, "default");
    const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip: string }[] } };
    return loadBalancer?.ingress?.[0]?.ip;
  }

  /** Reasons of the events, with the name of what each is about. */
  async events(): Promise<string[]> {
    const { items } = await this.client.list(resources.events);
    return items.map(({ reason, involvedObject }) => {
      const { name } = involvedObject as { name: string };
      return `${String(reason)} ${name}`;
    });
  }

  /** The value of a metric without labels. */
  async metric(part: "controller" | "speaker", name: string): Promise<number | undefined> {
    const found = new RegExp(`^${name} (\\S+)$`, "m").exec(await this.metrics(part));
    return found ? Number(found[1]) : undefined;
  }

  /** Whatever a part serves at /metrics. */
  async metrics(part: "controller" | "speaker"): Promise<string> {
    const response =
      part === "controller"
        ? await fetch(`http://127.0.0.1:${this.#controller?.port}/metrics`)
        : await fetch("http://speaker/metrics", { unix: this.#socket });
    return response.text();
  }

  /** Asks console and speaker for what they show only to whom the API server knows. */
  async look(): Promise<void> {
    // A stranger each time: whom they know they do not ask about.
    const stranger = Bun.randomUUIDv7();
    this.api.addToken(stranger, { username: "admin", groups: ["system:masters"] });
    const headers = { Authorization: `Bearer ${stranger}` };
    await fetch(`http://127.0.0.1:${this.#controller?.port}/api/v1/overview`, { headers });
    await fetch("http://speaker/api/v1/state", { headers, unix: this.#socket });
  }

  /** What the console says needs attention. */
  async attention(): Promise<AttentionItem[]> {
    const response = await fetch(`http://127.0.0.1:${this.#controller?.port}/api/v1/overview`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return ((await response.json()) as Overview).attention;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#controller?.stop(), this.#speaker?.stop()]);
    this.api.close();
    await rm(this.#socket, { force: true });
  }

  #connect(by: string) {
    if (this.accounts)
      return (options: ConnectOptions) => this.accounts?.connect(by, options) as Promise<Connection>;
    return async (): Promise<Connection> => ({
      client: new CountingClient(
        by,
        this.client,
        () => this.clock.now(),
        this.writes,
        (what, name) => this.refuse(by, what, name),
      ),
      namespace: ownNamespace,
      bearerToken: async () => undefined,
      ask: async () => undefined,
      podLog: async () => "",
    });
  }
}

export function sliceOf(service: string, node: string, ready: boolean): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: service,
      namespace: "default",
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.0.1"], nodeName: node, conditions: { ready } }],
    ports: [{ name: "", port: 80, protocol: "TCP" }],
  };
}
