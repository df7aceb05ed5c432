import {
  backoffMs,
  type Clock,
  createInformer,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Logger,
  sleep,
} from "#k8s/mod.ts";
import { type TrustingObject, trustingObjects } from "./trusting_objects.ts";

interface Parts {
  client: KubeClient;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  /** Only the leader writes; the others watch. */
  isWriter(): boolean;
  /** Another replica has told the API server of another authority: the certificate here is an old one. */
  outdated(): void;
}

interface Trusting {
  readonly name: string;
  readonly resourceVersion: string;
  readonly places: ReturnType<TrustingObject["places"]>;
}

/** Somebody else who writes the field too is answered ever more slowly, so that nobody fights. */
const pauseMinMs = 1_000;
const pauseMaxMs = 5 * 60_000;
const peaceMs = 10 * 60_000;
const fieldManager = "MetalLB";

/**
 * Writes the authority of the webhooks' certificate where the API server looks for it, and only there: a field that is
 * right already is left alone, and the rest of the objects is whoever applies them's. Objects that are not there yet
 * are written when they come, so that the order of installation does not matter.
 */
export class AuthorityInjection {
  readonly #parts: Parts;
  readonly #runs: (() => void)[] = [];
  readonly #informers: Informer<Trusting>[] = [];
  #caBundle: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { client, log, signal, clock } = parts;
    for (const target of trustingObjects) {
      const informer = createInformer(client, {
        resource: target.resource,
        fieldSelector: `metadata.name=${target.name}`,
        project: (object) => trusting(object, target),
        ...{ log, signal, clock },
      });
      const run = this.#keeper(target, informer);
      this.#runs.push(run);
      this.#informers.push(informer);
      const look = (object: Trusting) => {
        if (parts.isWriter()) run();
        else if (this.#caBundle !== undefined && this.#wrong(object).length > 0) parts.outdated();
      };
      informer.subscribe({ changed: look, removed: () => {} });
    }
  }

  /** Every object that is there trusts the certificate in use, or somebody else sees to that. */
  get isDone(): boolean {
    return this.#informers.every(
      (informer) =>
        informer.lastError !== undefined ||
        (informer.synced &&
          (!this.#parts.isWriter() ||
            [...informer.values()].every((each) => this.#wrong(each).length === 0))),
    );
  }

  /** What is to be trusted from now on. */
  inject(caPem: string): void {
    this.#caBundle = Buffer.from(caPem).toString("base64");
    for (const run of this.#runs) run();
  }

  /** One object's writer: one write at a time, and another round when something changed meanwhile. */
  #keeper(target: TrustingObject, informer: Informer<Trusting>): () => void {
    let isRunning = false;
    let isDue = false;
    const pause = new Pause(this.#parts.clock);
    const run = async () => {
      isDue = true;
      if (isRunning) return;
      isRunning = true;
      const { clock, signal } = this.#parts;
      while (isDue && !signal.aborted) {
        isDue = false;
        const outcome = await this.#write(target, informer);
        if (outcome === "failed") isDue = true;
        if (outcome !== "right") await sleep(clock, pause.next(outcome), signal);
      }
      isRunning = false;
    };
    return () => void run();
  }

  #wrong(object: Trusting): Trusting["places"] {
    return object.places.filter(({ caBundle }) => caBundle !== this.#caBundle);
  }

  async #write(
    target: TrustingObject,
    informer: Informer<Trusting>,
  ): Promise<"right" | "written" | "failed"> {
    const { client, log, signal } = this.#parts;
    const caBundle = this.#caBundle;
    const [object] = informer.values();
    const wrong = object ? this.#wrong(object) : [];
    if (caBundle === undefined || !object || wrong.length === 0 || !this.#parts.isWriter()) return "right";
    const patch = [
      { op: "test", path: "/metadata/resourceVersion", value: object.resourceVersion },
      ...wrong.map(({ pointer }) => ({ op: "add", path: `${pointer}/caBundle`, value: caBundle })),
    ];
    const what = `${target.resource.kind}/${target.name}`;
    try {
      await client.patch(target.resource, { name: target.name }, "json", patch, { fieldManager });
      log.info("told the API server whom to trust", { object: what });
      return "written";
    } catch (error) {
      if (!signal.aborted)
        log.warn("cannot tell the API server whom to trust", { object: what, error: String(error) });
      return "failed";
    }
  }
}

function trusting(object: KubeObject, target: TrustingObject): Trusting {
  const { name, resourceVersion = "" } = object.metadata;
  return { name, resourceVersion, places: target.places(object) };
}

/** How long to wait after a round that wrote or failed. */
class Pause {
  readonly #clock: Clock;
  #failures = 0;
  #writesInRow = 0;
  #lastWriteAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(outcome: "written" | "failed"): number {
    if (outcome === "failed") return backoffMs(++this.#failures, this.#clock.random());
    this.#failures = 0;
    const now = this.#clock.now();
    this.#writesInRow = now - this.#lastWriteAt > peaceMs ? 0 : this.#writesInRow + 1;
    this.#lastWriteAt = now;
    return Math.min(pauseMinMs * 2 ** this.#writesInRow, pauseMaxMs);
  }
}
