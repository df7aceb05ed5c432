import { type KubeClient, type KubeObject, type Logger, resources, sleep, systemClock } from "#k8s/mod.ts";

const retryMs = 500;

/** The Node, as soon as the API server has it; until then it is asked for twice a second. */
export async function nodeObject(
  client: KubeClient,
  name: string,
  log: Logger,
  signal: AbortSignal,
): Promise<KubeObject> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await client.get(resources.nodes, name);
    } catch (error) {
      if (signal.aborted) throw error;
      if (attempt % 20 === 0) log.info("waits for its Node", { node: name, error: String(error) });
      await sleep(systemClock, retryMs, signal);
    }
  }
}
