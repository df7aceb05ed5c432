import { Command } from "commander";
import type { KubeClient } from "#k8s/mod.ts";
import { configMaps, daemonSets } from "./kinds.ts";

const kubeSystem = "kube-system";
const name = "kube-proxy";
const file = "config.conf";
/** `metallb strictarp`: whether kube-proxy lets only the announcer answer ARP, and how to put that right. */
export function strictArpCommand(version: string): Command {
  const connect = async (kubeconfig: string | undefined) => {
    const { connectKubernetes } = await import("#k8s/mod.ts");
    return (await connectKubernetes({ kubeconfig, userAgent: `metallb/${version}` })).client;
  };
  const command = new Command("strictarp")
    .description("whether kube-proxy in IPVS mode leaves ARP to the announcer; exit code 1 where it does not")
    .enablePositionalOptions()
    .option("--kubeconfig <file>", "credentials; without it $KUBECONFIG or ~/.kube/config")
    .action(async ({ kubeconfig }: { kubeconfig?: string }) => say(await connect(kubeconfig)));
  command
    .command("enable")
    .description("set strictARP: true in the ConfigMap kube-proxy")
    .option("--kubeconfig <file>", "credentials; without it $KUBECONFIG or ~/.kube/config")
    .option("--restart", "restart kube-proxy, as kubectl rollout restart does", false)
    .action(async ({ kubeconfig, restart }: { kubeconfig?: string; restart: boolean }) =>
      enable(await connect(kubeconfig), restart),
    );
  return command;
}

async function say(client: KubeClient): Promise<void> {
  const { readProxyConfig } = await import("./strictarp/proxy_config.ts");
  const { sayFor } = await import("./strictarp/texts.ts");
  const tell = sayFor(process.env);
  const found = await configOf(client);
  if (!found) return console.log(tell("absent"));
  const { mode, mustAct } = readProxyConfig(found.text);
  if (mustAct) process.exitCode = 1;
  if (mustAct) return console.log(tell("mustAct", { command: process.env.METALLB_COMMAND ?? "metallb" }));
  console.log(mode === "ipvs" ? tell("fine") : tell("notNeeded", { mode: mode || "iptables" }));
}

async function enable(client: KubeClient, isRestarted: boolean): Promise<void> {
  const { readProxyConfig, withStrictArp } = await import("./strictarp/proxy_config.ts");
  const { sayFor } = await import("./strictarp/texts.ts");
  const tell = sayFor(process.env);
  const found = await configOf(client);
  if (!found) return console.log(tell("absent"));
  if (!readProxyConfig(found.text).mustAct) return say(client);
  // With the version that was read: what somebody else changed meanwhile is a conflict, and not undone.
  const metadata = { resourceVersion: found.resourceVersion };
  const data = { [file]: withStrictArp(found.text) };
  await client.patch(configMaps, { name, namespace: kubeSystem }, "merge", { metadata, data });
  console.log(tell("enabled"));
  if (!isRestarted) return console.log(`  kubectl -n ${kubeSystem} rollout restart daemonset ${name}`);
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const body = { spec: { template: { metadata: { annotations } } } };
  await client.patch(daemonSets, { name, namespace: kubeSystem }, "strategic", body);
  console.log(tell("restarted"));
}

async function configOf(client: KubeClient) {
  const { KubeError } = await import("#k8s/mod.ts");
  try {
    const object = await client.get(configMaps, name, kubeSystem);
    const text = (object.data as Record<string, string> | undefined)?.[file];
    if (text === undefined) throw new Error(`The ConfigMap ${name} in ${kubeSystem} has no key ${file}`);
    return { text, resourceVersion: object.metadata.resourceVersion };
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return undefined;
    throw error;
  }
}
