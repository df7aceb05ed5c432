import type { ConfigFinding, ConfigIssue } from "#core/config/mod.ts";
import type { ServiceBook } from "#core/service/mod.ts";
import type { ApiContact, Clock, Informer, VersionedService } from "#k8s/mod.ts";
import type { BgpSessionRow, Overview, PoolSummary } from "#server/ports.ts";
import type { Troubles } from "./attention.ts";
import { Lasting } from "./lasting.ts";
import { membershipOf } from "./membership.ts";
import { missingRights } from "./missing_rights.ts";
import { fullPools, poolRefusals } from "./pool_refusals.ts";
import type { ServiceTable } from "./service_table.ts";
import type { Speakers } from "./speakers.ts";
import type { World } from "./world.ts";

interface Parts {
  book: ServiceBook;
  services: Informer<VersionedService>;
  table: ServiceTable;
  speakers: Speakers;
  world: World;
  issues(): readonly ConfigIssue[];
  findings(): readonly ConfigFinding[];
  clock: Clock;
  /** How the controller stands with the API server; absent where that does not matter, as in a single reading. */
  contact?: Pick<ApiContact, "cachedSince" | "problem" | "denials">;
  /** A condition has lasted long enough to be told, though nothing happened. */
  due(): void;
}

/** Two nodes that announce one address for this long are a handover, not a conflict. */
const conflictGraceMs = 2_000;
/** What was given an address just now is not yet announced. */
const unannouncedGraceMs = 5_000;

/** What is wrong now and since when; conditions that last are told from those that pass. */
export class TroubleWatch {
  readonly #parts: Parts;
  readonly #conflicts = new Lasting();
  readonly #unannounced = new Lasting();
  #apiSince: number;
  #looksAgain = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#apiSince = parts.clock.now();
    parts.services.onConnection(() => {
      this.#apiSince = parts.clock.now();
    });
  }

  /** Of the Services alone, and at once. */
  get api(): Overview["api"] {
    return { connected: this.#parts.services.connected, since: this.#apiSince };
  }

  serviceChanged(service: string): void {
    const isUnannounced = this.#parts.table.stateOf(service) === "unannounced";
    this.#unannounced.set(service, isUnannounced, this.#parts.clock.now());
    if (isUnannounced) this.#lookAgain();
  }

  announcementChanged(address: string): void {
    const { speakers, clock } = this.#parts;
    const isConflict = speakers.announcers.answeringFor(address).length > 1;
    this.#conflicts.set(address, isConflict, clock.now());
    if (isConflict) this.#lookAgain();
  }

  /** Until every condition that holds has lasted its time. */
  #lookAgain(): void {
    if (this.#looksAgain) return;
    this.#looksAgain = true;
    const { clock, due } = this.#parts;
    clock.after(conflictGraceMs, () => {
      this.#looksAgain = false;
      due();
      // One step more than the grace, so that what has just lasted it is told by the next look.
      const ageMs = unannouncedGraceMs + conflictGraceMs;
      const now = clock.now();
      if (this.#unannounced.hasYoungerThan(now, ageMs) || this.#conflicts.hasYoungerThan(now, ageMs)) {
        this.#lookAgain();
      }
    });
  }

  /** Services that wait for an address, the oldest first. */
  pending(): Troubles["pending"][number][] {
    const { book, services, table, clock } = this.#parts;
    const found = [];
    for (const key of table.keys()) {
      const decision = book.decision(key);
      if (!decision || decision.addresses.length > 0) continue;
      const at = services.get(key)?.creationTimestampMs ?? clock.now();
      found.push({ service: key, why: decision.pending, fullPools: fullPools(decision.trace), at });
    }
    return found.sort((a, b) => a.at - b.at);
  }

  now(pools: readonly PoolSummary[], sessions: readonly BgpSessionRow[]): Troubles {
    const { contact, speakers, book, world, issues, clock } = this.#parts;
    const now = clock.now();
    return {
      cached:
        contact?.cachedSince === undefined
          ? undefined
          : { since: contact.cachedSince, problem: contact.problem },
      isHolding: book.isHolding,
      denials: missingRights(contact?.denials() ?? [], speakers.announcers.states()),
      silentSpeakers: speakers.silent(),
      conflicts: this.#conflicts.since(now, conflictGraceMs).map(({ key, at }) => ({
        address: key,
        nodes: speakers.announcers.answeringFor(key).sort(),
        at,
      })),
      foreign: speakers.announcers.conflicts(),
      ringBlocked: membershipOf([], speakers.announcers.states()).ringBlocked,
      unannounced: this.#unannounced.since(now, unannouncedGraceMs).map(({ key, at }) => {
        const decision = book.decision(key);
        return { service: key, why: decision && world.whyUnannounced(decision), at };
      }),
      pending: this.pending(),
      refusals: (service) => poolRefusals(book.decision(service)?.trace ?? []),
      sessions,
      pools,
      issues: issues(),
      findings: this.#parts.findings(),
    };
  }
}
