/**
 * What runs on a node of the sandbox beside the speaker, inside the node's network namespace: a relay to the API, a
 * small kubelet that plays the node's pods, and a small kube-proxy on nftables.
 *
 * ```ts
 * await runAgent({ nodeName: "node1", kubeconfig: ".sandbox/agent.kubeconfig", relay, relayOnly: false, log, signal });
 * ```
 *
 * With `relayOnly` it is the relay alone, for namespaces that only need the API (controller, client). Needs root and a
 * namespace of its own: it changes addresses, routes, nftables and sysctls, and refuses to do so in the machine's own.
 *
 * Limits: IPv4, TCP and UDP. A node's own processes reach a clusterIP only where they have some route to it, as with
 * kube-proxy. A UDP flow that keeps its source port stays with a pod that has gone until conntrack forgets it (30 to 120 s).
 */
import { connectKubernetes, type KubeClient, type Logger, systemClock } from "#k8s/mod.ts";
import { startDialer } from "./dialer.ts";
import { assertNamedNamespace } from "./host.ts";
import { keepHeartbeat, startKubelet } from "./kubelet/mod.ts";
import { nodeObject } from "./node_object.ts";
import { type ProxyNode, proxyNode, startProxy } from "./proxy/mod.ts";
import { startRelay } from "./relay.ts";
import { makeRouter } from "./sysctls.ts";

export { type Relay, type RelayOptions, startRelay } from "./relay.ts";

export interface AgentOptions {
  /** Required unless `relayOnly`. */
  nodeName?: string;
  /** The node's IPv4 address on the LAN; the Node's InternalIP where absent. */
  nodeAddress?: string;
  /** The node's range of pod addresses, such as `10.244.1.0/24`; the Node's spec.podCIDR where absent. */
  podCidr?: string;
  /** Path of a kubeconfig whose server is the relay's address; not needed with `client` or `relayOnly`. */
  kubeconfig?: string;
  client?: KubeClient;
  relay: {
    /** `127.0.0.1:6443`. */
    listen: string;
    unixSocket: string;
  };
  relayOnly: boolean;
  /** Where connections into this namespace are asked for; not offered where absent. */
  dialSocket?: string;
  log: Logger;
  /** Ends the agent; pods stop answering, rules and routes stay until the namespace goes. */
  signal: AbortSignal;
}

/** Runs until the signal; resolves then. `started` is called once relay, rules and pods are in place. */
export async function runAgent(options: AgentOptions, started: () => void = () => {}): Promise<void> {
  const { relay, log, signal, nodeName, dialSocket } = options;
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
  await startRelay({ ...relay, log, signal });
  if (dialSocket !== undefined) await startDialer({ unixSocket: dialSocket, log, signal });
  if (!options.relayOnly) {
    if (!nodeName) throw new Error("A node's agent needs nodeName; without one it can only relay");
    await Promise.race([startNode(nodeName, options), ended]);
  }
  if (!signal.aborted) started();
  await ended;
}

/** Resolves when rules and pods are in place. */
async function startNode(name: string, options: AgentOptions): Promise<void> {
  const { log, signal } = options;
  assertNamedNamespace();
  makeRouter();
  const client = options.client ?? (await connect(options));
  const node = await describeNode(client, name, options);
  const proxy = startProxy(client, { self: node, log, signal });
  const kubelet = startKubelet(client, { node, nodeAt: proxy.nodeAt, log, signal });
  void keepHeartbeat(client, { node: name, log, signal, clock: systemClock });
  await Promise.all([proxy.ready, kubelet.ready]);
}

async function connect({ kubeconfig, nodeName }: AgentOptions): Promise<KubeClient> {
  if (!kubeconfig) throw new Error("A node's agent needs a client or the path of a kubeconfig");
  const { client } = await connectKubernetes({ kubeconfig, userAgent: `metallb-sandbox-agent/${nodeName}` });
  return client;
}

/** What the options do not say comes from the Node, which may still be on its way. */
async function describeNode(client: KubeClient, name: string, options: AgentOptions): Promise<ProxyNode> {
  const { nodeAddress, podCidr, log, signal } = options;
  if (nodeAddress && podCidr) return { name, address: nodeAddress, podCidr };
  const node = proxyNode(await nodeObject(client, name, log, signal));
  const known = { name, address: nodeAddress ?? node.address, podCidr: podCidr ?? node.podCidr };
  if (known.address && known.podCidr) return known;
  throw new Error(
    `The Node "${name}" lacks an IPv4 InternalIP or an IPv4 spec.podCIDR, and no option names it`,
  );
}
