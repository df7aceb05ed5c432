import {
  type Clock,
  createInformer,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Logger,
  type PodView,
  type ResourceType,
  resources,
  type VersionedService,
} from "#k8s/mod.ts";
import { onAnyChange } from "../caches.ts";
import { WrittenStates } from "../reading/speakers_said.ts";
import type { SpeakerFetch } from "../speaker_link.ts";

interface Parts {
  client: KubeClient;
  namespace: string;
  services: Informer<VersionedService>;
  pods: Pick<Informer<PodView>, "values">;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
}

const kinds = [
  resources.serviceL2Statuses,
  resources.serviceBgpStatuses,
  resources.bgpSessionStates,
] as const;

/**
 * Answers for the speakers by what they write down. MetalLB's serve no state, and a shadow, which may stand on an
 * administrator's machine, sends nobody its token; ServiceL2Status and ServiceBGPStatus say who announces what.
 */
export class WrittenSpeakers {
  /** ServiceL2Status objects as they are stored. */
  readonly layer2: Informer<KubeObject>;
  readonly #parts: Parts;
  readonly #copies = new Map<ResourceType, Informer<KubeObject>>();
  #version = 1;
  #states: Promise<WrittenStates> | undefined;
  #waiting = new Set<() => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
    const { client, namespace, services, log, clock, signal } = parts;
    const copyOf = (resource: ResourceType) => {
      const copy = createInformer<KubeObject>(client, {
        ...{ resource, namespace, log, clock, signal },
        project: withoutManagers,
      });
      this.#copies.set(resource, copy);
      onAnyChange(copy, () => this.#changed());
      return copy;
    };
    const [layer2] = kinds;
    this.layer2 = copyOf(layer2);
    for (const kind of kinds) if (kind !== layer2) copyOf(kind);
    onAnyChange(services, () => this.#changed());
    signal.addEventListener("abort", () => this.#changed(), { once: true });
  }

  /** In the place of the request to a speaker's Pod; holds it as a speaker would, until there is news. */
  readonly fetch: SpeakerFetch = async (url) => {
    const { hostname, searchParams } = new URL(url);
    const waitMs = Number(searchParams.get("wait") ?? 0) * 1_000;
    if (searchParams.get("after") === String(this.#version)) await this.#news(waitMs);
    const pod = [...this.#parts.pods.values()].find(
      ({ podIP }) => podIP === hostname || `[${podIP}]` === hostname,
    );
    if (!pod?.ready) throw new Error("its Pod is not ready");
    const version = this.#version;
    this.#states ??= this.#read();
    return Response.json({ ...(await this.#states).stateOf(pod), version });
  };

  #read(): Promise<WrittenStates> {
    const { services, namespace } = this.#parts;
    const list = async (resource: ResourceType) => ({
      items: [...(this.#copies.get(resource)?.values() ?? [])],
      resourceVersion: "",
    });
    const addressesOf = (service: string) => services.get(service)?.ingress ?? [];
    return WrittenStates.read({ client: { list }, namespace, addressesOf });
  }

  #news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#parts.clock.after(limitMs, done);
      this.#waiting.add(done);
    });
  }

  #changed(): void {
    this.#version++;
    this.#states = undefined;
    for (const tell of [...this.#waiting]) tell();
  }
}

/** The largest part of an object, and nobody's business here. */
function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
