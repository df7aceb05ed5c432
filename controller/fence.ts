import { poolAnnotation, takenOverAnnotation } from "#core/service/mod.ts";
import {
  backoffMs,
  type Clock,
  type Informer,
  isOlderVersion,
  type KubeClient,
  KubeError,
  type Logger,
  resources,
  sleep,
  type VersionedService,
} from "#k8s/mod.ts";
import { writersMax } from "./status_writer.ts";

interface Parts {
  client: KubeClient;
  services: Pick<Informer<VersionedService>, "get" | "values">;
  /** Only Services of this class are served. */
  loadBalancerClass: string;
  log: Logger;
  clock: Clock;
  /** Of the term. */
  signal: AbortSignal;
}

const lookAgainMs = 20;

/**
 * After a leader that did not say goodbye: marks every Service that waits for an address, so that it has another
 * resourceVersion, and a write of that leader which is still on its way is refused. Resolves when each of them is marked
 * or got its address meanwhile, and the copies here show it; then the first address may be given.
 */
export async function fence(parts: Parts, term: string): Promise<void> {
  const { services, log, clock, signal, loadBalancerClass } = parts;
  const waiting = [...services.values()].filter((view) => isWaiting(view, loadBalancerClass));
  if (waiting.length === 0) return;
  const keys = waiting.map(({ namespace, name }) => `${namespace}/${name}`);
  /** The version that a mark has made; whoever takes the mark away again makes a newer one, which serves as well. */
  const marked = new Map<string, string>();
  const isDone = (key: string) => {
    const view = services.get(key);
    if (view === undefined || !isWaiting(view, loadBalancerClass)) return true;
    const version = marked.get(key);
    return version !== undefined && !isOlderVersion(view.resourceVersion, version);
  };
  const queue = [...keys];
  const mark = async () => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      const version = await markOne(parts, key, term, isDone);
      if (version !== undefined) marked.set(key, version);
    }
  };
  await Promise.all(Array.from({ length: writersMax }, mark));
  while (!signal.aborted && !keys.every(isDone)) await sleep(clock, lookAgainMs, signal);
  log.info("the former leader's last writes can do nothing any more", { waiting: keys.length });
}

/** Until it is marked, whose version it gives, or needs no mark any more. */
async function markOne(
  { client, services, log, clock, signal }: Parts,
  key: string,
  term: string,
  isDone: (key: string) => boolean,
): Promise<string | undefined> {
  for (let failures = 0; !signal.aborted && !isDone(key); ) {
    const { namespace = "", name = "", resourceVersion } = services.get(key) ?? {};
    const body = { metadata: { resourceVersion, annotations: { [takenOverAnnotation]: term } } };
    const target = { namespace, name, subresource: "status" } as const;
    try {
      const options = { fieldManager: "metallb-controller" };
      const { metadata } = await client.patch(resources.services, target, "merge", body, options);
      return metadata.resourceVersion;
    } catch (error) {
      if (signal.aborted || (error instanceof KubeError && error.code === 404)) return undefined;
      const isConflict = error instanceof KubeError && error.code === 409;
      if (!isConflict) log.warn("cannot mark a Service that waits", { service: key, error: String(error) });
      // Changed meanwhile: the watch will show how.
      const pauseMs = isConflict ? lookAgainMs : backoffMs(++failures, clock.random());
      await sleep(clock, pauseMs, signal);
    }
  }
  return undefined;
}

/** It lacks an address, or one of its two. Whatever the former leader may have been writing is among these. */
function isWaiting(view: VersionedService, loadBalancerClass: string): boolean {
  return (
    view.type === "LoadBalancer" &&
    (view.loadBalancerClass ?? "") === loadBalancerClass &&
    (view.ingress.length < Math.max(1, view.clusterIPs.length) ||
      view.annotations[poolAnnotation] === undefined)
  );
}
