import { httpPort, metallbNamespace, relayedApi, type SandboxOptions } from "../options.ts";
import type { Place } from "./ground.ts";
import { metallbProgram } from "./program.ts";

/** What controller and speaker are both told. */
interface Common {
  kubeconfig: string;
  podName: string;
  place: Place;
  unixSocket: string;
  logLevel: SandboxOptions["logLevel"];
}

export function controllerCommand(
  common: Common & { webhookSocket: string; leaseDuration?: string | undefined },
): string[] {
  return [
    ...metallbProgram(),
    "controller",
    ...commonFlags(common),
    // On the loopback another sandbox may have the port; the API calls over the socket.
    ...["--webhook-port", common.place.namespace === undefined ? "0" : String(webhookPort(common.place))],
    ...["--webhook-unix-socket", common.webhookSocket],
    // As in the manifests.
    ...["--ml-secret-name", "memberlist", "--deployment", "controller"],
    ...(common.leaseDuration ? ["--leader-elect-lease-duration", common.leaseDuration] : []),
  ];
}

function webhookPort({ port }: Place): number {
  return 9443 + port - httpPort;
}

export function speakerCommand(
  common: Common & { node: string; secretDirectory: string; recordOnly: boolean },
): string[] {
  return [
    ...metallbProgram(),
    "speaker",
    ...commonFlags(common),
    ...["--node-name", common.node],
    ...["--ml-bindaddr", common.place.address, "--ml-bindport", "7946"],
    ...["--ml-secret-key-path", common.secretDirectory],
    ...(common.recordOnly ? ["--record-only"] : []),
  ];
}

function commonFlags({ kubeconfig, podName, place, unixSocket, logLevel }: Common): string[] {
  return [
    ...["--kubeconfig", kubeconfig, "--namespace", metallbNamespace, "--pod-name", podName],
    // A namespace is the process's own: it listens on all of it, on localhost too, as in a Pod.
    ...["--host", place.namespace === undefined ? place.address : "0.0.0.0"],
    ...["--port", String(place.port), "--unix-socket", unixSocket],
    ...["--log-level", logLevel],
    // The sandbox asks over the socket; without namespaces two of them would meet on the port.
    ...["--health-probe-port", "0"],
  ];
}

/** The node's kubelet and kube-proxy and its way to the API; without a node only the way. */
export function agentCommand(options: {
  node?: { name: string; kubeconfig: string };
  apiSocket: string;
  dialSocket: string;
  logLevel: SandboxOptions["logLevel"];
}): string[] {
  const { node, apiSocket, dialSocket, logLevel } = options;
  return [
    ...metallbProgram(),
    ...[
      "sandbox",
      "agent",
      "--relay-listen",
      relayedApi,
      "--relay-socket",
      apiSocket,
      "--dial-socket",
      dialSocket,
      "--log-level",
      logLevel,
    ],
    ...(node ? ["--node-name", node.name, "--kubeconfig", node.kubeconfig] : ["--relay-only"]),
  ];
}
