import {
  type Clock,
  type KubeClient,
  LeaseElector,
  type Logger,
  podOf,
  resources,
  sleep,
  timingOf,
} from "#k8s/mod.ts";
import type { LeadershipView } from "#server/ports.ts";
import { LeaderClient } from "./leader_client.ts";

export interface LeaderElection {
  /** How long a lease lasts; a takeover from a replica that has crashed takes that long. */
  readonly leaseMs: number;
  /** The Deployment of the replicas, where its name is known: asked how many there are, where Leases are forbidden. */
  readonly deployment?: string;
}

interface Parts {
  client: KubeClient;
  namespace: string;
  /** Of this Pod, or of this machine. */
  podName: string;
  /** Undefined: there is one replica, which leads without asking. */
  election: LeaderElection | undefined;
  /** `--shadow`: it looks on, and no term ever begins. */
  neverLeads?: boolean | undefined;
  log: Logger;
  clock: Clock;
}

export const leaseName = "metallb-controller";
/** Nobody waits longer for the first word of the Lease: the API server may be away. */
const firstWordMs = 1_000;
/** Writes that are under way when it stops are waited for, within the time that a Pod has to end. */
const drainMs = 1_000;
/** For a write where nobody takes over. */
const soleWriteMs = 10_000;

/**
 * Whether this replica writes. It leads in terms; each begins by {@link onTerm} and ends with the signal given there,
 * and whatever writes does so by {@link client}, which refuses outside of one.
 */
export class Leadership {
  readonly client: LeaderClient;
  readonly #parts: Parts;
  readonly #elector: LeaseElector | undefined;
  readonly #sole = new AbortController();
  readonly #changes: (() => void)[] = [];
  #begin: (term: AbortSignal, since: number) => void = () => {};
  #term: AbortSignal | undefined;
  #since = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { client, clock, election, neverLeads } = parts;
    const timing = election && !neverLeads ? timingOf(election.leaseMs) : undefined;
    if (neverLeads) this.#sole.abort();
    this.#elector = timing && this.#electorWith(timing);
    this.client = new LeaderClient({
      ...{ client, clock },
      leads: () => this.leads,
      term: () => this.#currentTerm(),
      writeMs: timing?.writeMs ?? soleWriteMs,
    });
    this.#elector?.onChange(() => this.#changed());
  }

  get leads(): boolean {
    return this.#elector ? this.#elector.leads : !this.#sole.signal.aborted;
  }

  /** Calls back when this replica begins to lead, at once where it does: the term's signal, and since when by the steady clock. */
  onTerm(begin: (term: AbortSignal, since: number) => void): void {
    this.#begin = begin;
    const term = this.#currentTerm();
    if (term && term === this.#term) begin(term, this.#since);
  }

  /** Calls back when it begins or ends to lead, or another one leads. */
  onChange(listener: () => void): void {
    this.#changes.push(listener);
  }

  /**
   * Set where the former leader did not say goodbye, and may have writes under way: what tells this term from every
   * other, by which they are kept from landing.
   */
  get fence(): string | undefined {
    return this.#elector && this.#elector.role === "leader" && !this.#elector.isHandedOver
      ? this.#elector.holderSince
      : undefined;
  }

  /** Resolves when it is known who leads, or after a moment: what is listed from then on need not be listed again. */
  async start(): Promise<void> {
    if (!this.#elector) return this.#changed();
    this.#elector.start();
    const enough = new AbortController();
    await Promise.race([this.#elector.settled, sleep(this.#parts.clock, firstWordMs, enough.signal)]);
    enough.abort();
  }

  /** Stops writing, then lets another replica begin at once. */
  async stop(): Promise<void> {
    const drained = () => this.client.close(drainMs);
    if (this.#elector) return this.#elector.release(drained);
    await drained();
    this.#sole.abort();
  }

  /** As the console shows it. */
  view(): LeadershipView {
    const { podName } = this.#parts;
    const elector = this.#elector;
    if (!elector) return { role: this.#parts.neverLeads ? "shadow" : "sole", self: podName };
    const { role, holder, holderSince, problem } = elector;
    const since = Date.parse(holderSince ?? "");
    return {
      role,
      self: podName,
      ...(holder !== undefined && { leader: podOf(holder) }),
      ...(holder !== undefined && Number.isFinite(since) && { since }),
      ...(problem !== undefined && { problem }),
    };
  }

  #electorWith(timing: ReturnType<typeof timingOf>): LeaseElector {
    const { client, namespace, podName, election, log, clock } = this.#parts;
    const deployment = election?.deployment;
    return new LeaseElector({
      ...{ client, namespace, timing, log, clock },
      name: leaseName,
      identity: `${podName}_${crypto.randomUUID().slice(0, 8)}`,
      async replicas() {
        if (deployment === undefined) return undefined;
        const { spec } = await client.get(resources.deployments, deployment, namespace);
        const { replicas } = (spec ?? {}) as { replicas?: unknown };
        return typeof replicas === "number" ? replicas : 1;
      },
    });
  }

  #currentTerm(): AbortSignal | undefined {
    if (this.#elector) return this.#elector.term;
    return this.#sole.signal.aborted ? undefined : this.#sole.signal;
  }

  #changed(): void {
    const term = this.#currentTerm();
    const isNew = term !== undefined && term !== this.#term;
    this.#term = term;
    if (isNew) {
      this.#since = this.#parts.clock.steady();
      this.#begin(term, this.#since);
    }
    for (const listener of this.#changes) listener();
  }
}
