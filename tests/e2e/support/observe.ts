import type { TestCluster } from "./cluster.ts";
import { must, run } from "./run.ts";

export async function externalIp(cluster: TestCluster, service: string): Promise<string> {
  return cluster.kubectl("get", "service", service, "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}");
}

export async function serviceEvents(
  cluster: TestCluster,
  service: string,
): Promise<{ type: string; reason: string; message: string }[]> {
  const selector = `involvedObject.kind=Service,involvedObject.name=${service}`;
  const { items } = await cluster.json("get", "events", "-A", "--field-selector", selector);
  return items as { type: string; reason: string; message: string }[];
}

/** Nodes whose speaker's own `/metrics` says that it announces the address at layer 2. */
export async function announced(cluster: TestCluster, address: string): Promise<string[]> {
  const nodes: string[] = [];
  for (const node of ["node1", "node2", "node3"]) {
    const { stdout } = await run([
      "curl",
      "-sS",
      "--max-time",
      "2",
      "--unix-socket",
      `${cluster.stateDirectory}/sockets/speaker-${node}.sock`,
      "http://speaker/metrics",
    ]);
    const series = stdout.split("\n").filter((line) => line.startsWith("metallb_speaker_announced{"));
    if (series.some((line) => line.includes(`ip="${address}"`) && line.includes('protocol="layer2"')))
      nodes.push(node);
  }
  return nodes;
}

/** The one node that announces the address; undefined while none or several do. */
export async function leaderOf(cluster: TestCluster, address: string): Promise<string | undefined> {
  const nodes = await announced(cluster, address);
  return nodes.length === 1 ? nodes[0] : undefined;
}

export async function macOf(cluster: TestCluster, node: string): Promise<string> {
  const { stdout } = await cluster.exec(node, ["cat", "/sys/class/net/eth0/address"]);
  return stdout.trim() || (await must(["false"]));
}
