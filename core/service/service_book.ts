import { assert } from "#core/bytes/mod.ts";
import type { Pool } from "#core/config/mod.ts";
import { Allocator, type Opening } from "#core/ipam/mod.ts";
import { begin, type Converged, converge, differs, finish } from "./converge.ts";
import type { ConvergeContext, Phase } from "./draft.ts";
import { PoolsInForce } from "./pools_in_force.ts";
import { RecordedReservations } from "./recorded_reservations.ts";
import { annotation } from "./request.ts";
import { sameDecision } from "./same_decision.ts";
import { sameRequest } from "./same_request.ts";
import { serviceKey } from "./service_key.ts";
import type { Decision, ServiceBookOptions, ServiceView } from "./types.ts";
import { compareWaiters, Line, type Waiter, type WaitingGroup, WaitingList } from "./waiting.ts";

interface Entry {
  view: ServiceView;
  decision?: Decision;
}

type Labels = Readonly<Record<string, string>>;
type Changes = Map<string, Decision>;

/** All Services and what was decided for each. See mod.ts for how a driver uses it. */
export class ServiceBook {
  readonly allocator = new Allocator();
  #phase: Phase = "adopting";
  readonly #options: ServiceBookOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #namespaces = new Map<string, Labels>();
  readonly #waiting = new WaitingList();
  readonly #pools: PoolsInForce;
  readonly #recorded = new RecordedReservations(this.allocator);
  #now = 0;
  readonly #namespaceLabels = (namespace: string) => this.#namespaces.get(namespace);
  #selectsNamespaces = false;

  constructor(options: ServiceBookOptions = {}) {
    this.#options = options;
    this.#pools = new PoolsInForce(this.allocator, options.missingPools);
  }

  get phase(): Phase {
    return this.#phase;
  }

  setPools(pools: readonly Pool[], heldPools: ReadonlySet<string> = new Set()): Decision[] {
    this.#pools.set(pools, heldPools, this.#now);
    this.#selectsNamespaces = pools.some(
      ({ serviceAllocation }) => serviceAllocation?.namespaceSelectors.length,
    );
    const isAllocating = this.#phase === "allocating";
    return this.#applyPools(isAllocating ? this.#recorded.read(pools, (key) => this.view(key)) : []);
  }

  /** It is this late now, epoch milliseconds: ends cool-downs, and the waiting for pools that do not come back. */
  tick(now: number): Decision[] {
    this.#now = Math.max(now, this.#now);
    const opened = this.allocator.advance(this.#now);
    if (this.#pools.expire(this.#now)) return this.#applyPools(opened);
    return opened.length === 0 || this.#phase !== "allocating" ? [] : this.#reconsider([], opened);
  }

  /** When `tick` will have something to do; undefined: not by itself. */
  nextDeadline(): number | undefined {
    const [cooled, missed] = [this.allocator.nextDeadline(), this.#pools.nextDeadline()];
    return cooled === undefined || missed === undefined ? (cooled ?? missed) : Math.min(cooled, missed);
  }

  get isHolding(): boolean {
    return this.#pools.isHolding;
  }

  /** What the annotation `metallb.io/reserved-by-services` of the pool must be; undefined: absent. */
  recordedIn(pool: string): string | undefined {
    return this.#recorded.textOf(pool);
  }

  #applyPools(opened: readonly Opening[]): Decision[] {
    const change = this.#pools.apply();
    if (this.#phase !== "allocating")
      return change.changed ? this.#adopt(this.#inOrder(this.#entries.keys())) : [];
    if (!change.changed) return opened.length > 0 ? this.#reconsider([], opened) : [];
    return this.#reconsider(new Set([...change.touched, ...this.#waiting.services()]));
  }

  /** Labels of a namespace; undefined where it is gone. */
  setNamespace(name: string, labels: Labels | undefined): Decision[] {
    if (labels) this.#namespaces.set(name, labels);
    else this.#namespaces.delete(name);
    // What was adopted is judged once more at the start, by all labels.
    if (!this.#selectsNamespaces || this.#phase !== "allocating") return [];
    const inside = [...this.#entries].filter(([, { view }]) => view.namespace === name).map(([key]) => key);
    return this.#reconsider(inside);
  }

  upsert(view: ServiceView): Decision[] {
    const key = serviceKey(view);
    const known = this.#entries.get(key);
    // Deleted and created again between two looks at it: what the old one held is not the new one's.
    const openings = known && known.view.uid !== view.uid ? this.#forget(key) : [];
    const entry = this.#entries.get(key) ?? { view };
    const isNews = !entry.decision || !sameRequest(entry.view, view);
    entry.view = view;
    this.#entries.set(key, entry);
    if (this.#phase !== "allocating") return this.#adopt([key]);
    if (isNews && !known && this.#pools.meet(view, this.#now)) this.#pools.apply();
    return isNews ? this.#reconsider([key], openings) : this.#refresh(entry);
  }

  /** The Service is gone; the decisions are those of others. */
  remove(service: string): Decision[] {
    const openings = this.#forget(service);
    return this.#phase === "allocating" ? this.#reconsider([], openings) : [];
  }

  /**
   * All caches are complete: every address that a Service has is registered, and from here on addresses are given.
   * Whoever asks for the very address it has comes first, then whoever is older.
   */
  startAllocating(): Decision[] {
    if (this.#phase === "allocating") return [];
    this.#beginAnew("allocating");
    for (const { view } of this.#entries.values()) this.#pools.meet(view, this.#now);
    this.#recorded.read(this.#pools.declared, (key) => this.view(key));
    this.#pools.apply();
    const isPinned = ({ view }: Entry) => Boolean(view.loadBalancerIP || annotation(view, "loadBalancerIPs"));
    const pinned = [...this.#entries].filter(([, entry]) => isPinned(entry)).map(([key]) => key);
    for (const key of this.#inOrder(pinned)) begin(this.#view(key), this.allocator, this.#context(key));
    return this.#reconsider(this.#entries.keys());
  }

  /** Another decides from here on: what Services hold is what their status says, whatever was decided here. */
  follow(): Decision[] {
    if (this.#phase !== "following") this.#beginAnew("following");
    return this.#adopt(this.#inOrder(this.#entries.keys()));
  }

  decision(service: string): Decision | undefined {
    return this.#entries.get(service)?.decision;
  }

  /** In no particular order. */
  *decisions(): IterableIterator<Decision> {
    for (const { decision } of this.#entries.values()) if (decision) yield decision;
  }

  view(service: string): ServiceView | undefined {
    return this.#entries.get(service)?.view;
  }

  /** Services without any address that want one, in the order in which they will be served. */
  pendingInOrder(): string[] {
    return this.#inOrder([...this.#waiting.services()].filter((key) => this.decision(key)?.pending));
  }

  #beginAnew(phase: Phase): void {
    this.#phase = phase;
    for (const [key, entry] of this.#entries) {
      this.#waiting.remove(key);
      this.allocator.release(key, false);
      delete entry.decision;
    }
  }

  #adopt(services: readonly string[]): Decision[] {
    const changes: Changes = new Map();
    for (const key of services) {
      this.#record(key, converge(this.#view(key), this.allocator, this.#context(key)), changes);
    }
    return this.#sorted(changes);
  }

  /** Settles all of them before the first is given anything, then serves whoever can use what was freed. */
  #reconsider(services: Iterable<string>, freed: readonly Opening[] = []): Decision[] {
    const changes: Changes = new Map();
    // Who waited comes before who is new here.
    this.#serve(freed, changes);
    if (Array.isArray(services) && services.length === 1) {
      const [key] = services as [string];
      const settled = begin(this.#view(key), this.allocator, this.#context(key));
      this.#serve(this.#record(key, finish(settled), changes), changes);
      return this.#sorted(changes);
    }
    const openings: Opening[] = [];
    const settled = this.#inOrder(services).map((key) => {
      const each = begin(this.#view(key), this.allocator, this.#context(key));
      return { each, waiter: this.#waiter(key, each.kept.length > 0) };
    });
    settled.sort((a, b) => compareWaiters(a.waiter, b.waiter));
    for (const { each } of settled) openings.push(...this.#record(each.draft.key, finish(each), changes));
    this.#serve(openings, changes);
    return this.#sorted(changes);
  }

  /** Gives what opened to those who wait: the first in line first, until nobody can be helped any more. */
  #serve(openings: readonly Opening[], changes: Changes): void {
    if (openings.length === 0) return;
    const line = new Line(this.#waiting.concernedBy(openings));
    for (let failures = 0; failures <= this.#waiting.groupCount; failures++) {
      const group = line.take();
      const key = group?.waiters[0]?.service;
      if (!group || key === undefined) return;
      const result = converge(this.#view(key), this.allocator, this.#context(key));
      const more = this.#record(key, result, changes);
      if (this.#waiting.groupOf(key) === group) this.#restate(group, key, changes);
      else line.add(group);
      // It got something, or gave something up, such as a reservation of what it held before.
      if (this.#waiting.groupOf(key) !== group || more.length > 0) failures = -1;
      if (more.length > 0) for (const other of this.#waiting.concernedBy(more)) line.add(other);
    }
    assert(false, "a group that got nothing is not asked again before somebody got something");
  }

  /** Who asks for one address in vain is told who holds it now. */
  #restate(group: WaitingGroup, first: string, changes: Changes): void {
    if (group.waitsFor.addresses.length === 0) return;
    for (const { service } of [...group.waiters]) {
      if (service === first) continue;
      this.#record(service, converge(this.#view(service), this.allocator, this.#context(service)), changes);
    }
  }

  /** Puts a decision into force; gives the openings that it made. */
  #record(
    key: string,
    { decision, openings, waitsFor, terms }: Converged,
    changes: Changes,
  ): readonly Opening[] {
    const entry = this.#entries.get(key);
    if (!entry) return openings;
    const reopened =
      this.#phase === "allocating"
        ? this.#recorded.decided(key, entry.view, this.allocator.holdingOf(key))
        : [];
    if (waitsFor) this.#waiting.add(this.#waiter(key, decision.addresses.length > 0), waitsFor, terms);
    else this.#waiting.remove(key);
    if (!sameDecision(entry.decision, decision)) {
      const earlier = changes.get(key)?.events ?? [];
      changes.set(
        key,
        earlier.length > 0 ? { ...decision, events: [...earlier, ...decision.events] } : decision,
      );
    }
    entry.decision = decision.events.length > 0 ? { ...decision, events: [] } : decision;
    return reopened.length > 0 ? [...openings, ...reopened] : openings;
  }

  /** Only the status differs from what was seen before: is it what it must be? */
  #refresh(entry: Entry): Decision[] {
    const { view, decision } = entry;
    if (!decision) return [];
    const context = this.#context(decision.service);
    const needsWrite = differs(
      { view, allocator: this.allocator, context },
      decision.addresses,
      decision.pool,
      decision.outlivesPool ?? false,
    );
    if (needsWrite !== decision.needsWrite) entry.decision = { ...decision, needsWrite };
    return needsWrite && entry.decision ? [entry.decision] : [];
  }

  #forget(key: string): readonly Opening[] {
    this.#entries.delete(key);
    this.#waiting.remove(key);
    return this.allocator.release(key);
  }

  #context(key: string): ConvergeContext {
    const { loadBalancerClass } = this.#options;
    return {
      key,
      phase: this.#phase,
      loadBalancerClass,
      namespaceLabels: this.#namespaceLabels,
      previous: this.#entries.get(key)?.decision,
    };
  }

  #view(key: string): ServiceView {
    const view = this.view(key);
    assert(view, `Service ${key} is in the book`);
    return view;
  }

  #waiter(service: string, holdsSome: boolean): Waiter {
    return { service, holdsSome, createdMs: this.#entries.get(service)?.view.creationTimestampMs ?? 0 };
  }

  #inOrder(services: Iterable<string>): string[] {
    const waiters = [...services].map((key) => this.#waiter(key, false));
    return waiters.sort(compareWaiters).map(({ service }) => service);
  }

  #sorted(changes: Changes): Decision[] {
    if (changes.size < 2) return [...changes.values()];
    return this.#inOrder(changes.keys()).map((key) => changes.get(key) as Decision);
  }
}
