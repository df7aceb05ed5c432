import type { ServiceView } from "#core/service/mod.ts";
import { type Clock, type EventRecorder, TokenBucket } from "#k8s/mod.ts";
import type { AddressConflict } from "#server/ports.ts";

interface Options {
  readonly recorder: Pick<EventRecorder, "record">;
  readonly node: string;
  /** By `namespace/name`. */
  service(key: string): ServiceView | undefined;
  readonly clock: Clock;
}

/** One conflict is told once in this time, however often the other host is heard. */
const conflictRepeatMs = 600_000;
const conflictsRememberedMax = 4_096;
/** A node that dies may have led thousands of Services; `nodeAssigned` tells of each of them anyway. */
const lossesBurst = 100;
const lossRefillMs = 1_000;

/** A move of an address to this node whose former announcer was lost. */
export interface Takeover {
  readonly address: string;
  readonly from: string;
  /** From its last sign of life to this node's first gratuitous frame. */
  readonly tookMs: number;
}

/**
 * What users see of announcing in `kubectl describe service`: MetalLB's reasons `nodeAssigned` and `announceFailed`,
 * and of ours `announcerLost` and `addressConflict`. Told on a change only; steady state is silent.
 */
export class SpeakerEvents {
  readonly #options: Options;
  readonly #toldAt = new Map<string, number>();
  readonly #losses: TokenBucket;

  constructor(options: Options) {
    this.#options = options;
    this.#losses = new TokenBucket(lossesBurst, lossRefillMs, options.clock.now());
  }

  /** This node became the announcer of a Service. */
  nodeAssigned(service: string, protocol: "layer2" | "bgp"): void {
    const { node } = this.#options;
    this.#record(
      service,
      "Normal",
      "nodeAssigned",
      `announcing from node "${node}" with protocol "${protocol}"`,
    );
  }

  /** This node was elected, and has none of the interfaces that the advertisements name. */
  announceFailed(service: string, wanted: readonly string[], present: readonly string[]): void {
    const { node } = this.#options;
    const there = present.length === 0 ? "it has no usable one" : `usable ones there are ${quoted(present)}`;
    this.#record(
      service,
      "Warning",
      "announceFailed",
      `not announced: node "${node}" has no usable interface of those that the L2Advertisements name, ${quoted(wanted)}; ${there}`,
    );
  }

  /** The former announcer was lost, and this node took over. */
  announcerLost(services: readonly string[], { address, from, tookMs }: Takeover): void {
    const { node, clock } = this.#options;
    const seconds = (tookMs / 1000).toFixed(2);
    for (const service of services) {
      if (!this.#losses.take(clock.now())) return;
      this.#record(
        service,
        "Warning",
        "announcerLost",
        `node "${from}" stopped answering: node "${node}" announces ${address} since ${seconds} s after its last sign of life`,
      );
    }
  }

  /** Another host uses an address of these Services. */
  addressConflict(services: readonly string[], conflict: AddressConflict): void {
    const now = this.#options.clock.now();
    const key = `${conflict.address} ${conflict.mac}`;
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && now - toldAt < conflictRepeatMs) return;
    this.#toldAt.delete(key);
    this.#toldAt.set(key, now);
    if (this.#toldAt.size > conflictsRememberedMax) {
      const [oldest] = this.#toldAt.keys();
      if (oldest !== undefined) this.#toldAt.delete(oldest);
    }
    for (const service of services)
      this.#record(service, "Warning", "addressConflict", this.#conflictText(conflict));
  }

  #conflictText({ address, mac, ownMac, interface: on, phase }: AddressConflict): string {
    const { node } = this.#options;
    if (phase === "probe") {
      return `${address} is in use by another host, MAC ${mac}, heard on interface ${on} of node "${node}" (MAC ${ownMac}); it is announced once that host gives it up`;
    }
    return `another host, MAC ${mac}, speaks as ${address} on interface ${on} of node "${node}", which announces it with MAC ${ownMac}; one of the two must give it up`;
  }

  #record(service: string, type: "Normal" | "Warning", reason: string, message: string): void {
    const { recorder } = this.#options;
    const view = this.#options.service(service);
    if (!view) return;
    const { namespace, name, uid } = view;
    recorder.record({ apiVersion: "v1", kind: "Service", namespace, name, uid }, type, reason, message);
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
