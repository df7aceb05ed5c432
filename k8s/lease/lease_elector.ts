import { type Clock, sleep } from "../clock.ts";
import { createInformer } from "../informer.ts";
import type { Logger } from "../logger.ts";
import { isOlderVersion } from "../resource_version.ts";
import { type KubeClient, KubeError, type KubeObject, resources } from "../types.ts";
import * as election from "./election.ts";
import { LeaseStore } from "./lease_store.ts";
import { readLease } from "./record.ts";
import type { LeaseTiming } from "./timing.ts";

export interface ElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** `<Pod>_<something that no other process has>`. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly log: Logger;
  readonly clock: Clock;
  /** How many replicas there are to be; asked only where Leases are forbidden. Undefined: nobody knows. */
  replicas?(): Promise<number | undefined>;
}

/** What one candidate is: `waiting` has not heard of the Lease yet, `alone` leads without one. */
export type Role = "waiting" | "standby" | "leader" | "alone";

/**
 * Takes part in the election until {@link release}. It leads in terms: each has a signal, which aborts before another
 * candidate can lead, and {@link leads} is asked before each thing that only a leader may do.
 */
export class LeaseElector {
  /** For reading: nobody's writes were under way when the present term began; the Lease was given away, or is the first. */
  isHandedOver = false;
  readonly #options: ElectorOptions;
  readonly #store: LeaseStore;
  readonly #ended = new AbortController();
  readonly #listeners: (() => void)[] = [];
  readonly #settled = Promise.withResolvers<void>();
  #election: election.Election;
  #term: AbortController | undefined;
  #isAlone = false;
  #isReleasing = false;
  /** Why it leads alone or cannot take part, in the API's words. */
  #problem: string | undefined;
  #failures = 0;
  #wake = new AbortController();
  #cancelDeadline = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#store = new LeaseStore({ ...options, requestMs: options.timing.requestMs });
    this.#election = election.beginning(options.identity);
  }

  /** Resolves when it is known who leads, or that this cannot be known. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get role(): Role {
    if (this.leads) return this.#isAlone ? "alone" : "leader";
    return this.#election.seen ? "standby" : "waiting";
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Who holds the Lease as far as is known; undefined: nobody. */
  get holder(): string | undefined {
    return this.#election.seen?.record?.holder || undefined;
  }

  /** Since when the holder holds it, by the holder's clock. */
  get holderSince(): string | undefined {
    return this.#election.seen?.record?.acquireTime || undefined;
  }

  /** Whether this candidate leads at this very moment. A term whose time is over ends by being asked. */
  get leads(): boolean {
    if (!this.#term) return false;
    if (this.#isAlone || election.mayLead(this.#election, this.#options.timing, this.#now())) return true;
    this.#endTerm("the lease could not be renewed in time");
    return false;
  }

  /** Aborts when this term ends; undefined: it does not lead. */
  get term(): AbortSignal | undefined {
    return this.leads ? this.#term?.signal : undefined;
  }

  /** Calls back when the role or the holder has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    const { client, namespace, name, log, clock } = this.#options;
    const informer = createInformer(client, {
      resource: resources.leases,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      project: (object) => object,
      log,
      clock,
      signal: this.#ended.signal,
    });
    informer.subscribe({
      changed: (after) => this.#saw(after),
      removed: () => this.#saw(undefined),
    });
    this.#running = this.#run();
  }

  /**
   * Ends taking part. A leader first waits for `drained`, in which its writes come to their end, then ends its term and
   * gives the Lease away, so that the next need not wait; where `drained` is false or the last write fails, the Lease
   * runs out by itself.
   */
  async release(drained: () => Promise<boolean> = async () => true): Promise<void> {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    const isDrained = await drained();
    const isAlone = this.#isAlone;
    this.#ended.abort();
    this.#endTerm("it stops");
    this.#wake.abort();
    await this.#running;
    if (isAlone || !isDrained) return;
    try {
      if (this.#election.mustLook) await this.#look();
      const given = election.release(this.#election, this.#now());
      if (!given) return;
      await this.#write(given);
      this.#options.log.info("gave the lease away", { lease: this.#options.name });
    } catch (error) {
      this.#options.log.warn("cannot give the lease away; it runs out by itself", { error: String(error) });
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const pauseMs = await this.#step();
      if (signal.aborted) return;
      if (pauseMs > 0) await sleep(this.#options.clock, pauseMs, this.#wake.signal);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  /** One look or one write, where it is due; gives how long to wait for the next. */
  async #step(): Promise<number> {
    const { timing, clock } = this.#options;
    // After a long stop: a term that is over is over before anything is written.
    void this.leads;
    const dueMs = election.waitMs(this.#election, timing, this.#now());
    // A fifth more at most: replicas that began together do not go on together.
    if (dueMs !== undefined && dueMs > 0) return dueMs + clock.random() * 0.2 * timing.renewEveryMs;
    try {
      if (dueMs === undefined) await this.#look();
      else await this.#claim();
      this.#failures = 0;
      return 0;
    } catch (error) {
      return this.#ended.signal.aborted ? 0 : this.#failed(error);
    }
  }

  async #look(): Promise<void> {
    const { signal } = this.#ended;
    this.#saw(await this.#store.read(signal.aborted ? undefined : signal));
  }

  async #claim(): Promise<void> {
    const began = this.#now();
    const claim = election.claim(this.#election, this.#options.timing, began);
    if (!this.#term) this.isHandedOver = election.isHandedOver(this.#election);
    const version = await this.#write(claim, this.#ended.signal);
    const next = election.acknowledged(this.#election, claim, version, began, this.#now());
    // It stops: too late to lead, and in time to know what is to be given away.
    if (this.#ended.signal.aborted) this.#election = election.stoppedLeading(next);
    else this.#become(next);
  }

  #write(claim: election.Claim, until?: AbortSignal): Promise<string> {
    this.#election = election.unsure(this.#election);
    return this.#store.write(claim, until);
  }

  #saw(object: KubeObject | undefined): void {
    const record = object && readLease(object);
    const version = object?.metadata.resourceVersion ?? "";
    // The watch may be behind our own write: its answer is newer.
    if (isOlderVersion(version, this.#election.seen?.resourceVersion ?? "")) return;
    this.#become(election.looked(this.#election, record, version, this.#now()));
  }

  /** Enters a state: begins or ends a term where it says so, and sets the deadline anew. */
  #become(next: election.Election): void {
    const before = this.#election;
    this.#election = next;
    const { log, clock, timing, identity, name } = this.#options;
    const holder = next.seen?.record?.holder ?? "";
    if (next.renewed) {
      this.#cancelDeadline();
      const leftMs = election.leadsForMs(next, timing, this.#now());
      this.#cancelDeadline = clock.after(leftMs, () => void this.leads);
      this.#isAlone = false;
      this.#problem = undefined;
      if (!this.#term) this.#beginTerm("took the lease");
    } else if (this.#term && !(this.#isAlone && (holder === "" || holder === identity))) {
      this.#endTerm(`${name} is held by "${holder}" now`);
    }
    if (holder !== (before.seen?.record?.holder ?? "")) {
      if (holder !== identity && holder !== "") log.info("another one leads", { lease: name, holder });
      this.#changed();
    }
    if (next.seen !== before.seen) this.#wake.abort();
    if (next.renewed || election.waitMs(next, timing, this.#now()) !== 0) this.#settled.resolve();
  }

  #beginTerm(why: string): void {
    const { log, identity, name } = this.#options;
    this.#term = new AbortController();
    log.info(`leading: ${why}`, { lease: name, identity });
    this.#changed();
  }

  #endTerm(why: string): void {
    const term = this.#term;
    if (!term) return;
    this.#term = undefined;
    this.#isAlone = false;
    this.#cancelDeadline();
    const stopped = election.stoppedLeading(this.#election);
    // Somebody else may have it meanwhile: it is looked at before it is claimed.
    this.#election = this.#isReleasing ? stopped : election.unsure(stopped);
    const { log, name } = this.#options;
    log[this.#ended.signal.aborted ? "info" : "warn"](`leading no more: ${why}`, { lease: name });
    term.abort();
    this.#wake.abort();
    this.#changed();
  }

  async #failed(error: unknown): Promise<number> {
    const { log, timing, clock, name } = this.#options;
    const { seen } = this.#election;
    this.#failures++;
    this.#election = election.unsure(this.#election);
    const code = error instanceof KubeError ? error.code : undefined;
    // Lost the race for it, or it was deleted: look at once.
    const isOutdated = code === 409 || (code === 404 && seen?.record !== undefined);
    if (isOutdated && this.#failures < 3) return 0;
    const words = String(error);
    if (this.#failures === 1) log.warn("cannot read or write the lease", { lease: name, error: words });
    const retryMs = timing.retryMs * (1 + clock.random() / 2);
    if (code !== 403 && code !== 404) return retryMs;
    await this.#goAlone(words);
    this.#settled.resolve();
    // A right that is missing is not given within seconds.
    return this.#term && !this.#isAlone ? retryMs : timing.leaseMs;
  }

  /**
   * Roles of an older release know no Leases. One replica may go on without: nobody else writes. Two may not, for they
   * cannot tell who does; and whoever has once seen somebody hold the Lease knows that there is an election.
   */
  async #goAlone(problem: string): Promise<void> {
    const { log, replicas, name } = this.#options;
    this.#problem = problem;
    if (this.#term || this.#election.seen?.record) return;
    const wanted = await replicas?.().catch(() => undefined);
    if (this.#ended.signal.aborted || this.#term) return;
    if (wanted !== undefined && wanted > 1) {
      log.error("nobody may lead: Leases are forbidden to this account, and there is more than one replica", {
        lease: name,
        replicas: wanted,
        help: "apply the roles of this release, or scale to one replica",
      });
      this.#changed();
      return;
    }
    this.#isAlone = true;
    this.#beginTerm("alone, without a lease, for this account may not use one");
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #now(): election.Moment {
    const { clock } = this.#options;
    return { steadyMs: clock.steady(), wallMs: clock.now() };
  }
}
