import { missing, TestCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { ClusterLan } from "../support/lan.ts";
import { firstPool, l2Advertisement } from "../support/manifests.ts";
import { announced, externalIp, leaderOf, serviceEvents } from "../support/observe.ts";
import { run } from "../support/run.ts";
import { Witness } from "../support/witness.ts";

/** Why the stories cannot be told here. */
export const lacking = missing("arping", "curl", "tcpdump");

const storyLabel = { story: "told" };

export interface Served {
  readonly name: string;
  readonly address: string;
  readonly announcer: string;
}

export interface Wish {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  /** Label `app` of its pods. */
  app?: string;
  port?: number;
  policy?: "Local" | "Cluster";
  families?: "RequireDualStack";
}

/** A sandbox with a pool, an advertisement and one witness, that several stories share. */
export class Ground {
  readonly lan: ClusterLan;

  private constructor(
    readonly cluster: TestCluster,
    readonly witness: Witness,
    nodes: number,
  ) {
    this.lan = new ClusterLan(cluster, nodes);
  }

  static async start(nodes = 3): Promise<Ground> {
    const cluster = await TestCluster.start({ flags: ["--nodes", `${nodes}`] });
    const witness = await Witness.start(new ClusterLan(cluster, nodes), "client");
    const ground = new Ground(cluster, witness, nodes);
    await cluster.apply(firstPool);
    await cluster.apply(l2Advertisement);
    await ground.deploy("demo", {});
    return ground;
  }

  async stop(): Promise<void> {
    await this.witness.stop();
    await this.cluster.stop();
  }

  /** One pod, on a node with these labels. */
  async deploy(app: string, nodeSelector: Record<string, string>): Promise<void> {
    const labels = { app };
    const containers = [{ name: "web", image: "nginx", ports: [{ containerPort: 80 }] }];
    await this.applyObject({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: app, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { nodeSelector, containers } },
      },
    });
    await this.cluster.kubectl("rollout", "status", `deployment/${app}`, "--timeout=20s");
  }

  async apply(
    name: string,
    { annotations = {}, labels = {}, app = "demo", port = 80, policy, families }: Wish = {},
  ) {
    await this.applyObject({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, annotations, labels: { ...labels, ...storyLabel } },
      spec: {
        type: "LoadBalancer",
        selector: { app },
        ports: [{ name: "http", port, targetPort: 80, protocol: "TCP" }],
        ...(policy && { externalTrafficPolicy: policy }),
        ...(families && { ipFamilyPolicy: families }),
      },
    });
  }

  /** A Service that has an address and an announcer. */
  async serve(name: string, wish: Wish = {}): Promise<Served> {
    await this.apply(name, wish);
    const given = async () => (await externalIp(this.cluster, name)) || undefined;
    const address = await eventually(`${name} has an address`, given);
    const announcer = await this.announcer(address);
    await eventually(`${announcer} answers for ${address}`, async () => {
      return (await this.lan.answerer(address)) === announcer;
    });
    return { name, address, announcer };
  }

  /** The one node that announces the address, when there is one. */
  announcer(address: string, fits: (node: string) => boolean = () => true): Promise<string> {
    return eventually(`one node announces ${address}`, async () => {
      const node = await leaderOf(this.cluster, address);
      return node !== undefined && fits(node) && node;
    });
  }

  announced(address: string): Promise<string[]> {
    return announced(this.cluster, address);
  }

  async events(service: string, reason: string): Promise<string[]> {
    const events = await serviceEvents(this.cluster, service);
    return events.filter((event) => event.reason === reason).map(({ message }) => message);
  }

  /** The process of a node's speaker. */
  async speakerPid(node: string): Promise<number> {
    const speaker = (await this.#speakers()).get(node);
    if (!speaker) throw new Error(`There is no speaker on ${node}.`);
    return speaker.pid;
  }

  /** After a story, however it ended: whole links, running speakers, no Services of stories. */
  async mend(): Promise<void> {
    this.cluster.freeze(false);
    await this.cluster.kubectl("delete", "service", "-l", "story", "--ignore-not-found");
    for (const { role, port } of this.lan.stations)
      if (role === "node") await this.lan.bridge("link", "set", port, "master", "br0", "up");
    for (const [node, { state }] of await this.#speakers())
      if (state === "ended") await this.startSpeaker(node);
  }

  async startSpeaker(node: string): Promise<void> {
    await this.cluster.sandbox("start", "speaker", node);
    await this.speakerServes(node);
  }

  /** It answers on its socket: its caches may still be filling. */
  async speakerServes(node: string): Promise<void> {
    const socket = `${this.cluster.stateDirectory}/sockets/speaker-${node}.sock`;
    await eventually(`the speaker of ${node} serves`, async () => {
      const argv = ["curl", "-sS", "--max-time", "2", "--unix-socket", socket, "http://speaker/metrics"];
      return (await run(argv)).stdout.includes('metallb_speaker_members{state="alive"}');
    });
  }

  async #speakers(): Promise<Map<string, { pid: number; state: string }>> {
    const { stations } = JSON.parse(await this.cluster.sandbox("status", "--json")) as {
      stations: { name: string; processes: { name: string; pid: number; state: string }[] }[];
    };
    const found = stations.flatMap(({ name, processes }) =>
      processes.filter((process) => process.name === "speaker").map((speaker) => [name, speaker] as const),
    );
    return new Map(found);
  }

  async delete(...services: string[]): Promise<void> {
    await this.cluster.kubectl("delete", "service", ...services, "--ignore-not-found");
  }

  async applyObject(object: object): Promise<void> {
    await this.cluster.apply(JSON.stringify(object));
  }
}
