import { resources } from "#k8s/mod.ts";
import { AgentLab } from "./agent_lab.ts";
import { eventually } from "./eventually.ts";

/** The address that the Service is given; the test says which node announces it. */
export const vip = "192.168.1.240";
export const nodeNames = ["node1", "node2"];
const named = { name: "metallb-demo", namespace: "default" };

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "metallb-demo", labels: { app: "metallb-demo" } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "metallb-demo" } },
    template: {
      metadata: { labels: { app: "metallb-demo" } },
      spec: {
        containers: [
          {
            name: "nginx",
            image: "nginx:1.27-alpine",
            ports: [
              { name: "web", containerPort: 80 },
              { name: "dns", containerPort: 53, protocol: "UDP" },
            ],
          },
        ],
      },
    },
  },
};

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "metallb-demo", labels: { app: "metallb-demo" } },
  spec: {
    type: "LoadBalancer",
    selector: { app: "metallb-demo" },
    ports: [
      { name: "http", port: 80, targetPort: "web", protocol: "TCP" },
      { name: "dns", port: 53, targetPort: 53, protocol: "UDP" },
    ],
  },
};

export interface DemoPod {
  name: string;
  node: string;
  podIP: string;
  isReady: boolean;
}

/** Two nodes, and on them the Deployment and Service of MetalLB's tutorials, with an address. */
export class AgentDemo {
  private constructor(readonly lab: AgentLab) {}

  static async start(): Promise<AgentDemo> {
    const lab = await AgentLab.start(nodeNames.length);
    return lab.orStopped(new AgentDemo(lab).#begin());
  }

  async #begin(): Promise<AgentDemo> {
    await this.lab.apply(resources.deployments, deployment);
    await this.lab.apply(resources.services, service);
    await this.patchService({ status: { loadBalancer: { ingress: [{ ip: vip }] } } }, "status");
    await this.twoPodsServe();
    return this;
  }

  async patchService(body: unknown, subresource?: "status"): Promise<void> {
    const target = { ...named, ...(subresource && { subresource }) };
    await this.lab.client.patch(resources.services, target, "merge", body);
  }

  async policy(externalTrafficPolicy: "Cluster" | "Local"): Promise<void> {
    await this.patchService({ spec: { externalTrafficPolicy } });
  }

  async patchDeployment(spec: object): Promise<void> {
    await this.lab.client.patch(resources.deployments, named, "merge", { spec });
  }

  async deploymentStatus(): Promise<{ conditions: { type: string; reason: string }[] }> {
    const { status } = await this.lab.client.get(resources.deployments, named.name, named.namespace);
    return status as { conditions: { type: string; reason: string }[] };
  }

  async pods(): Promise<DemoPod[]> {
    const { items } = await this.lab.client.list(resources.pods, { namespace: "default" });
    return items.map(({ metadata, spec, status }) => {
      const { conditions = [], podIP = "" } = (status ?? {}) as {
        conditions?: { type: string; status: string }[];
        podIP?: string;
      };
      const node = (spec as { nodeName?: string }).nodeName ?? "";
      const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
      return { name: metadata.name, node, podIP, isReady };
    });
  }

  async readyPods(): Promise<DemoPod[]> {
    return (await this.pods()).filter(({ isReady }) => isReady);
  }

  /** One answer that the client gets from whoever is announced. */
  visit(): Promise<string> {
    return this.lab.visit("client", `http://${vip}/`);
  }

  /** The same facts as data. */
  async visitJson(path: string): Promise<{ clientAddress: string; [fact: string]: unknown }> {
    const url = `http://${vip}${path}`;
    const { stdout } = await this.lab.exec(
      "client",
      "curl",
      "-s",
      "-m",
      "1",
      "-H",
      "accept: application/json",
      url,
    );
    return JSON.parse(stdout);
  }

  /** Answers that the client gets when this node is the announcer. */
  async visits(node: string, times: number): Promise<string[]> {
    await this.lab.announce(vip, node);
    const answers: string[] = [];
    for (let count = 0; count < times; count++) answers.push(await this.visit());
    return answers;
  }

  /** Two ready pods, and every node's rules know both. */
  async twoPodsServe(): Promise<void> {
    const ready = await eventually("two ready pods", async () => {
      const now = await this.pods();
      return now.length === 2 && now.every(({ isReady }) => isReady) ? now : undefined;
    });
    for (const node of nodeNames) {
      await eventually(`${node} spreads over both`, async () => {
        const answers = await this.visits(node, 8);
        return ready.every(({ name }) => answers.some((answer) => answer.startsWith(`pod ${name} `)));
      });
    }
  }
}
