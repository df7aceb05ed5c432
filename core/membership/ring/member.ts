import type { Boot, NodeId } from "./identity.ts";
import { nodeId } from "./identity.ts";
import { ReplayWindow } from "./replay_window.ts";
import type { Standing } from "./standing.ts";

/** What a watcher holds against a target that it does not hear. */
export interface Suspicion {
  readonly since: number;
  nextAccusationAt: number;
  /** The last question was asked; the verdict falls then. */
  verdictAt: number;
}

/** A run of a node's process that has not shown yet that it is to be believed. */
export interface Candidate {
  readonly boot: Boot;
  readonly window: ReplayWindow;
  lastNumber: number;
  inARow: number;
  heardAt: number;
}

/** All that this node knows of another. Times are monotonic ms of this node; -Infinity for never. */
export class Member {
  readonly id: NodeId;
  zone: string | undefined;
  /** Undefined while it was never believed and nobody spoke of it. */
  standing: Standing | undefined;
  facts: { readonly boot: Boot; readonly version: number; readonly bytes: Uint8Array } | undefined;
  /** Earlier runs, newest first: what was recorded of them is not taken again. */
  retiredBoots: readonly Boot[] = [];
  /** It proved itself before the list of speakers lost it for a while. */
  provenBoot: Boot = 0;
  candidate: Candidate | undefined;
  window = new ReplayWindow();
  /** The run of it that answered this run of ours. */
  freshBoot: Boot = 0;
  /** Of the last datagram sent to it. */
  sequence = 0;

  heardAt = -Infinity;
  /** Another watcher's word for it. */
  vouchedAt = -Infinity;
  adoptedAt = -Infinity;
  isTarget = false;
  suspicion: Suspicion | undefined;
  /** Others that do not hear it, and when they said so. */
  accusers: Map<string, number> | undefined;
  heirs: readonly NodeId[] = [];
  lostAt: readonly number[] = [];

  /** When it was last told something that it should know by itself. */
  remindedAt = -Infinity;
  /** Beats in a row whose digest differed. */
  mismatches = 0;
  syncAt = -Infinity;
  syncWaitMs = 0;
  /** A death told at second hand, to be asked about. */
  hearsay: { readonly standing: Standing; readonly silentMs: number; readonly until: number } | undefined;

  roundTripMs: number | undefined;
  awareness = 0;
  lateMs = 0;
  accusations = 0;
  vetoes = 0;

  constructor(readonly node: string) {
    this.id = nodeId(node);
  }

  get isAlive(): boolean {
    return this.standing?.state === "alive";
  }

  /** The run that what we send is meant for. */
  get receiverBoot(): Boot {
    return this.freshBoot || this.standing?.boot || this.candidate?.boot || 0;
  }

  get lastSignAt(): number {
    return Math.max(this.heardAt, this.vouchedAt);
  }
}

const retiredBootsMax = 16;

/** Takes another standing; where it is another run's, the former is retired and what was heard of it ends. */
export function setStanding(member: Member, next: Standing): void {
  const before = member.standing;
  member.standing = next;
  member.hearsay = undefined;
  member.accusers = undefined;
  member.suspicion = undefined;
  if (before?.boot === next.boot) return;
  if (before) retire(member, before.boot);
  const isCandidate = member.candidate?.boot === next.boot;
  member.window = isCandidate && member.candidate ? member.candidate.window : new ReplayWindow();
  member.candidate = undefined;
  if (member.freshBoot !== next.boot) member.freshBoot = 0;
  if (!isCandidate) member.heardAt = -Infinity;
  member.vouchedAt = -Infinity;
}

function retire(member: Member, boot: Boot): void {
  member.retiredBoots = [boot, ...member.retiredBoots].slice(0, retiredBootsMax);
}

/** What outlives a member that the list of speakers loses, so that nothing recorded of it is taken anew. */
export interface Remembrance {
  readonly boot: Boot;
  readonly window: ReplayWindow;
  readonly retiredBoots: readonly Boot[];
  readonly sequence: number;
}

export function remember({ standing, window, retiredBoots, sequence, provenBoot }: Member): Remembrance {
  return { boot: standing?.boot ?? provenBoot, window, retiredBoots, sequence };
}

export function revive(member: Member, { boot, window, retiredBoots, sequence }: Remembrance): void {
  member.provenBoot = boot;
  member.retiredBoots = retiredBoots;
  member.sequence = sequence;
  if (boot !== 0) member.candidate = { boot, window, lastNumber: 0, inARow: 0, heardAt: -Infinity };
}
