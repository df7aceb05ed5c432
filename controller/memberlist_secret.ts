import {
  backoffMs,
  type Clock,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Logger,
  resources,
  sleep,
} from "#k8s/mod.ts";

interface Options {
  /** `METALLB_ML_SECRET_NAME`; the speakers mount it. */
  secretName: string;
  /** `METALLB_DEPLOYMENT`: its owner, so that both go together. */
  deployment?: string | undefined;
}

interface Parts {
  client: KubeClient;
  namespace: string;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
}

const keyBytes = 16;

/**
 * Makes the key of the speakers' ring, once: a Secret that is there is never touched, whoever made it. As MetalLB's:
 * data key `secretkey`, base64 without padding of 16 random bytes.
 */
export async function provideMemberlistSecret(options: Options, parts: Parts): Promise<void> {
  const { log, clock, signal } = parts;
  for (let failures = 0; !signal.aborted; ) {
    try {
      if (await createOnce(options, parts)) log.info("made the key of the speakers' ring", { ...options });
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.warn("cannot make the key of the speakers' ring; trying again", { error: String(error) });
      await sleep(clock, backoffMs(++failures, clock.random()), signal);
    }
  }
}

async function createOnce({ secretName, deployment }: Options, parts: Parts): Promise<boolean> {
  const { client, namespace } = parts;
  const owner = deployment ? await ownerOf(deployment, parts) : undefined;
  const ownerReferences = owner && [
    { apiVersion: "apps/v1", kind: "Deployment", name: owner.metadata.name, uid: owner.metadata.uid ?? "" },
  ];
  const random = crypto.getRandomValues(new Uint8Array(keyBytes));
  const key = Buffer.from(random).toString("base64").replace(/=+$/, "");
  try {
    await client.create(resources.secrets, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secretName, namespace, ...(ownerReferences && { ownerReferences }) },
      type: "Opaque",
      data: { secretkey: Buffer.from(key).toString("base64") },
    });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.code === 409) return false;
    throw error;
  }
}

/** Speakers do not start without the key: it is made without an owner where that may not be read or is not there. */
async function ownerOf(
  deployment: string,
  { client, namespace, log }: Parts,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(resources.deployments, deployment, namespace);
  } catch (error) {
    if (!(error instanceof KubeError) || (error.code !== 403 && error.code !== 404)) throw error;
    log.warn("the key of the speakers' ring gets no owner", { deployment, error: String(error) });
    return undefined;
  }
}
