import { type KubeObject, resources } from "../types.ts";

/** What a Lease (coordination.k8s.io/v1) says, with the times as they are written: nobody calculates with them. */
export interface LeaseRecord {
  /** Empty: released, and free for anyone. */
  readonly holder: string;
  /** How long the holder asks to be waited for after each renewal. */
  readonly durationMs: number;
  /** RFC 3339 with microseconds (metav1.MicroTime); by the holder's clock, which is nobody else's. */
  readonly acquireTime: string;
  readonly renewTime: string;
  /** How often the holder has changed. */
  readonly transitions: number;
}

/** `undefined` where a field is missing or is not what the API's schema says: then the defaults of an empty Lease. */
export function readLease(object: KubeObject): LeaseRecord {
  const spec = (object.spec ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof spec[name] === "string" ? spec[name] : "");
  const number = (name: string) => (typeof spec[name] === "number" ? spec[name] : 0);
  return {
    holder: text("holderIdentity"),
    durationMs: number("leaseDurationSeconds") * 1_000,
    acquireTime: text("acquireTime"),
    renewTime: text("renewTime"),
    transitions: number("leaseTransitions"),
  };
}

export function leaseSpec(record: LeaseRecord): object {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(record.durationMs / 1_000)),
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  };
}

/** `2026-01-02T03:04:05.678000Z`: a MicroTime has six digits. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}

export function newLease(name: string, namespace: string, record: LeaseRecord): KubeObject {
  const { group, version, kind } = resources.leases;
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, namespace, labels: { app: "metallb" } },
    spec: leaseSpec(record),
  };
}
