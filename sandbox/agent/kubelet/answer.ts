/** What a played pod knows when it answers one request. */
export interface Visit {
  readonly pod: {
    readonly name: string;
    readonly namespace: string;
    readonly address: string;
    readonly node: string;
  };
  readonly client: { readonly address: string; readonly port: number };
  readonly request: string;
  /** Which node an address belongs to. */
  readonly nodeAt: (address: string) => string | undefined;
}

/**
 * The node that took the traffic in from the network. With externalTrafficPolicy Cluster that node masquerades, so the
 * client's address is a node's. With Local nothing is masqueraded and only endpoints of the receiving node are used: it
 * was this one.
 */
export function receiverOf({ client, pod, nodeAt }: Visit): string {
  return nodeAt(client.address) ?? pod.node;
}

export function answerText(visit: Visit): string {
  const { pod, client, request } = visit;
  return [
    `pod ${pod.name} on ${pod.node}, received by ${receiverOf(visit)}`,
    `namespace ${pod.namespace}, pod address ${pod.address}`,
    `client ${client.address} port ${client.port}`,
    request,
    "",
  ].join("\n");
}

export function answerJson(visit: Visit) {
  const { pod, client, request } = visit;
  return {
    pod: pod.name,
    namespace: pod.namespace,
    node: pod.node,
    podAddress: pod.address,
    receivedBy: receiverOf(visit),
    clientAddress: client.address,
    clientPort: client.port,
    request,
  };
}

/** Any request gets this: text, or JSON where it is asked for, and the same facts in headers. */
export function answerRequest(request: Request, visit: Visit): Response {
  const facts = answerJson(visit);
  const headers = {
    "x-pod-name": facts.pod,
    "x-pod-namespace": facts.namespace,
    "x-node-name": facts.node,
    "x-pod-address": facts.podAddress,
    "x-received-by": facts.receivedBy,
    "x-client-address": facts.clientAddress,
    "cache-control": "no-store",
  };
  const isJson = /\bapplication\/json\b/.test(request.headers.get("accept") ?? "");
  return isJson
    ? Response.json(facts, { headers })
    : new Response(answerText(visit), {
        headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
      });
}
