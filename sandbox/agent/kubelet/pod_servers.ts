import { answerRequest, answerText, type Visit } from "./answer.ts";
import { type LocalPod, portsOf } from "./local_pod.ts";

export interface PodServers {
  stop(): Promise<void>;
}

/** Listens on every port of a pod, at the pod's own address: HTTP on TCP ports, the same words on UDP ports. */
export async function servePod(
  pod: LocalPod,
  address: string,
  node: string,
  nodeAt: Visit["nodeAt"],
): Promise<PodServers> {
  const facts = { name: pod.name, namespace: pod.namespace, address, node };
  const stops: (() => unknown)[] = [];
  try {
    for (const { port, protocol } of portsOf(pod)) {
      if (protocol === "TCP") stops.push(serveHttp(facts, port, nodeAt));
      if (protocol === "UDP") stops.push(await serveUdp(facts, port, nodeAt));
    }
  } catch (error) {
    for (const stop of stops) stop();
    throw error;
  }
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function serveHttp(pod: Visit["pod"], port: number, nodeAt: Visit["nodeAt"]): () => Promise<void> {
  const server = Bun.serve({
    hostname: pod.address,
    port,
    development: false,
    // Bun shares the port with other processes when development is off, unless told not to.
    reusePort: false,
    fetch(request, server) {
      const client = server.requestIP(request) ?? { address: "", port: 0 };
      const line = `${request.method} ${new URL(request.url).pathname}`;
      return answerRequest(request, { pod, client, request: line, nodeAt });
    },
    error: () => new Response("the request cannot be read\n", { status: 400 }),
  });
  return () => server.stop(true);
}

async function serveUdp(pod: Visit["pod"], port: number, nodeAt: Visit["nodeAt"]): Promise<() => void> {
  const socket = await Bun.udpSocket({
    hostname: pod.address,
    port,
    socket: {
      data(socket, data, clientPort, client) {
        const request = `UDP ${data.length} bytes`;
        const visit = { pod, client: { address: client, port: clientPort }, request, nodeAt };
        socket.send(answerText(visit), clientPort, client);
      },
      // A client that has gone answers ICMP port unreachable, which Bun reports here.
      error() {},
    },
  });
  return () => socket.close();
}
