import {
  certificateFault,
  createAuthority,
  issueCertificate,
  type KeyedCertificate,
} from "#k8s/certificates/mod.ts";
import { type KubeClient, KubeError, type KubeObject, type Logger, resources } from "#k8s/mod.ts";

/** What the webhooks serve with, and what the API server is to trust. */
export interface WebhookCertificate extends KeyedCertificate {
  readonly caPem: string;
}

interface Parts {
  client: KubeClient;
  namespace: string;
  /** MetalLB's is `metallb-webhook-cert`. */
  secretName: string;
  /** The name by which the API server calls: `<service>.<namespace>.svc`. */
  serverName: string;
  log: Logger;
  now(): Date;
}

/** As MetalLB's: names, length of life, and how long before its end a certificate is renewed. */
const authorityName = { commonName: "cert", organization: "metallb" };
const certificateDays = 3_650;
const renewDays = 90;
const dayMs = 24 * 3_600_000;
const keys = { ca: "ca.crt", caKey: "ca.key", cert: "tls.crt", key: "tls.key" } as const;
/** Replicas that start together write at the same time; all but one find the other's certificate. */
const attemptsMax = 5;

/**
 * The certificate of the webhooks, kept in a Secret that all replicas share. What is good there is used as it is; what
 * is missing, broken or near its end is made anew and written only if nobody else did meanwhile.
 */
export class CertificateSecret {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Rejects with the API's refusal. Undefined: there is no good one, and making one is not this replica's. */
  async ensure(mayMake: () => boolean = () => true): Promise<WebhookCertificate | undefined> {
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#read();
      const found = stored && contents(stored);
      const fault = found ? this.#fault(found) : "there is none yet";
      if (found && fault === undefined) return { ...found.serving, caPem: found.authority.certPem };
      if (!mayMake()) return undefined;
      try {
        return await this.#renew(stored, fault ?? "");
      } catch (error) {
        const isRace = error instanceof KubeError && error.code === 409;
        if (!isRace || attempt === attemptsMax) throw error;
      }
    }
  }

  async #read(): Promise<KubeObject | undefined> {
    const { client, namespace, secretName } = this.#parts;
    try {
      return await client.get(resources.secrets, secretName, namespace);
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  #fault({ authority, serving }: Contents): string | undefined {
    const until = new Date(this.#parts.now().getTime() + renewDays * dayMs);
    return certificateFault(serving, authority, this.#parts.serverName, until);
  }

  async #renew(stored: KubeObject | undefined, why: string): Promise<WebhookCertificate> {
    const { client, namespace, secretName, serverName, log, now } = this.#parts;
    const validity = { now: now(), days: certificateDays };
    const authority = await createAuthority({ ...authorityName, ...validity });
    const serving = await issueCertificate(authority, {
      commonName: serverName,
      names: [serverName],
      ...validity,
    });
    const data = {
      [keys.ca]: encode(authority.certPem),
      [keys.caKey]: encode(authority.keyPem),
      [keys.cert]: encode(serving.certPem),
      [keys.key]: encode(serving.keyPem),
    };
    if (stored) {
      const { resourceVersion } = stored.metadata;
      const target = { name: secretName, namespace };
      await client.patch(resources.secrets, target, "merge", { metadata: { resourceVersion }, data });
    } else {
      await client.create(resources.secrets, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: secretName, namespace },
        type: "Opaque",
        data,
      });
    }
    log.info("made a certificate for the webhooks", { secret: secretName, server: serverName, why });
    return { ...serving, caPem: authority.certPem };
  }
}

interface Contents {
  authority: KeyedCertificate;
  serving: KeyedCertificate;
}

function contents(secret: KubeObject): Contents | undefined {
  const data = secret.data as Record<string, string> | undefined;
  const read = (key: string) => Buffer.from(data?.[key] ?? "", "base64").toString();
  if (!data || Object.keys(data).length === 0) return undefined;
  return {
    authority: { certPem: read(keys.ca), keyPem: read(keys.caKey) },
    serving: { certPem: read(keys.cert), keyPem: read(keys.key) },
  };
}

function encode(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
