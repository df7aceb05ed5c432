import type { ConfigIssue } from "#core/config/mod.ts";
import type { Clock, Informer, Logger, PodView } from "#k8s/mod.ts";
import type {
  BgpSessionRow,
  Move,
  SpeakerDetail,
  SpeakerFactsState,
  SpeakerRow,
  SpeakerState,
  Topic,
} from "#server/ports.ts";
import { AnnouncerIndex } from "./announcers.ts";
import { MoveHistory } from "./moves.ts";
import { followSpeaker, type SpeakerFetch } from "./speaker_link.ts";

interface Parts {
  pods: Informer<PodView>;
  fetch: SpeakerFetch;
  clock: Clock;
  token(): Promise<string | undefined>;
  log: Logger;
  signal: AbortSignal;
  /** What the speakers say has changed, for these addresses and Services. */
  changed(topics: Topic[], touched: Touched): void;
}

export interface Touched {
  addresses: Set<string>;
  services: Set<string>;
  /** Another set of nodes has a speaker that answers. */
  hasOtherNodes: boolean;
}

interface Followed {
  pod: PodView;
  state?: SpeakerState;
  lastSeen?: number;
  /** Since when, and how, it does not answer. */
  silent?: { at: number; problem: string };
  stop: AbortController;
}

/** Longest poll, and how many polls a second all speakers together may cost. */
const waitMaxSeconds = 10;
const pollsPerSecond = 20;

/** Every speaker as it describes itself, followed from its Pod's appearance to its end. */
export class Speakers {
  readonly announcers = new AnnouncerIndex();
  readonly #parts: Parts;
  readonly #followed = new Map<string, Followed>();
  readonly #moves = new MoveHistory();
  #living: ReadonlySet<string> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.pods.subscribe({
      changed: (after, before) => this.#follow(after, before),
      removed: (before) => this.#forget(before),
    });
  }

  rows(): SpeakerRow[] {
    return [...this.#followed.values()].map(toRow).sort((a, b) => compare(a.node, b.node));
  }

  sessions(): BgpSessionRow[] {
    const rows: BgpSessionRow[] = [];
    for (const { node, sessions, bfd = [] } of this.announcers.states()) {
      for (const session of sessions) {
        const bfdSession = bfd.find(({ peers }) => peers.includes(session.peer));
        rows.push({ node, ...session, ...(bfdSession && { bfdSession }) });
      }
    }
    return rows.sort((a, b) => compare(a.node, b.node) || compare(a.peer, b.peer));
  }

  moves(limit: number): Move[] {
    return this.#moves.list(limit);
  }

  /** What speakers reject, each with the nodes whose speakers say so. */
  issues(): { issue: ConfigIssue; nodes: string[] }[] {
    const found = new Map<string, { issue: ConfigIssue; nodes: string[] }>();
    for (const { node, issues } of this.announcers.states()) {
      for (const issue of issues) {
        const key = `${issue.kind} ${issue.name} ${issue.path} ${issue.message}`;
        const known = found.get(key);
        if (known) known.nodes.push(node);
        else found.set(key, { issue, nodes: [node] });
      }
    }
    return [...found.values()];
  }

  /** Next hops of the nodes' default routes, as far as their speakers answer. */
  gateways(): string[] {
    return [...new Set([...this.announcers.states()].flatMap(({ gateways = [] }) => gateways))];
  }

  /** A speaker on that node answers. */
  answersOn(node: string): boolean {
    return this.announcers.stateOf(node) !== undefined;
  }

  /** A speaker lives on that node: it answers, or the others say that it does, as of MetalLB's own speakers. */
  livesOn(node: string): boolean {
    this.#living ??= living(this.announcers.states());
    return this.#living.has(node);
  }

  /** What the speaker on that node tells the others of itself. */
  factsOn(node: string): SpeakerFactsState | undefined {
    return this.announcers.stateOf(node)?.facts;
  }

  /** The node that announces the address now; the latest where there are several. */
  announcerOf(address: string): string | undefined {
    const [first, ...others] = this.announcers.answeringFor(address);
    if (first === undefined || others.length === 0) return first;
    const since = (node: string) => this.announcers.layer2Of(address).get(node)?.since ?? 0;
    return others.reduce((latest, node) => (since(node) > since(latest) ? node : latest), first);
  }

  detail(node: string): SpeakerDetail | undefined {
    const found = [...this.#followed.values()].map(toRow).find((row) => row.node === node);
    const state = this.announcers.stateOf(node);
    if (!found) return undefined;
    return {
      ...found,
      interfaces: state?.interfaces ?? [],
      fellows: state?.members ?? [],
      conflicts: state?.conflicts ?? [],
      ...(state?.ring && { ring: state.ring }),
      ...(state?.facts && { facts: state.facts }),
    };
  }

  /** Those that do not answer, with since when. */
  silent(): { node: string; problem: string; at: number }[] {
    return [...this.#followed.values()].flatMap(({ pod, silent }) =>
      silent ? [{ node: pod.nodeName ?? pod.name, ...silent }] : [],
    );
  }

  #follow(pod: PodView, before: PodView | undefined): void {
    const key = `${pod.namespace}/${pod.name}`;
    const known = this.#followed.get(key);
    if (known && before?.podIP === pod.podIP && before?.nodeName === pod.nodeName) {
      known.pod = pod;
      return;
    }
    if (before) this.#forget(before);
    const followed: Followed = { pod, stop: new AbortController() };
    this.#followed.set(key, followed);
    this.#parts.changed(["speakers"], nothing());
    const { podIP } = pod;
    if (podIP === undefined) return;
    const { fetch, clock, token, log, signal } = this.#parts;
    followSpeaker({
      pod: { ...pod, podIP },
      fetch,
      clock,
      token,
      signal: AbortSignal.any([signal, followed.stop.signal]),
      waitSeconds: () =>
        Math.min(waitMaxSeconds, Math.max(1, Math.ceil(this.#followed.size / pollsPerSecond))),
      answered: (state) => this.#answered(followed, state),
      silent: (problem) => this.#silent(followed, problem),
    }).catch((error: unknown) => log.error("following a speaker ended", { pod: key, error: String(error) }));
  }

  #forget(pod: PodView): void {
    const key = `${pod.namespace}/${pod.name}`;
    const followed = this.#followed.get(key);
    if (!followed) return;
    followed.stop.abort();
    this.#followed.delete(key);
    this.#withdraw(followed);
  }

  #answered(followed: Followed, state: SpeakerState): void {
    const before = followed.state;
    if (followed.silent) this.#parts.log.info("speaker answers again", { node: state.node });
    followed.state = state;
    followed.lastSeen = this.#parts.clock.now();
    delete followed.silent;
    const hasOtherNodes =
      !this.answersOn(state.node) ||
      !Bun.deepEquals(before?.facts, state.facts) ||
      membersText(before) !== membersText(state);
    if (hasOtherNodes) this.#living = undefined;
    const touched = { ...this.announcers.set(state.node, state), hasOtherNodes };
    const topics: Topic[] = ["speakers"];
    const hasMoved = this.#moves.add(state.moves);
    if (hasMoved || touched.addresses.size > 0) topics.push("layer2");
    if (!Bun.deepEquals(before?.sessions, state.sessions) || touched.services.size > 0) topics.push("bgp");
    const isJudgedAnew =
      !Bun.deepEquals(before?.issues ?? [], state.issues) ||
      !Bun.deepEquals(before?.gateways, state.gateways);
    if (isJudgedAnew) topics.push("configuration");
    this.#parts.changed(topics, touched);
  }

  #silent(followed: Followed, problem: string): void {
    if (followed.silent?.problem === problem) return;
    const { clock, log } = this.#parts;
    const at = followed.silent?.at ?? clock.now();
    if (!followed.silent)
      log.warn("speaker does not answer", { node: followed.pod.nodeName, error: problem });
    followed.silent = { at, problem };
    this.#withdraw(followed);
  }

  /** What it said last is no longer known to be true. */
  #withdraw(followed: Followed): void {
    const { state } = followed;
    // On the same node a newer Pod may answer already.
    const isCurrent = state !== undefined && this.announcers.stateOf(state.node) === state;
    if (isCurrent) this.#living = undefined;
    const touched = isCurrent
      ? { ...this.announcers.set(state.node, undefined), hasOtherNodes: true }
      : nothing();
    this.#parts.changed(["speakers", "layer2", "bgp", "configuration"], touched);
  }
}

/** Who answers, and whom the first of them holds for alive: one is as good a witness as another. */
function living(states: Iterable<SpeakerState>): Set<string> {
  const [first, ...others] = states;
  const alive = first?.members.filter(({ state }) => state === "alive").map(({ node }) => node) ?? [];
  return new Set([...alive, ...(first ? [first, ...others] : []).map(({ node }) => node)]);
}

function membersText(state: SpeakerState | undefined): string {
  return state?.members.map(({ node, state: is }) => `${node} ${is}`).join() ?? "";
}

function toRow({ pod, state, lastSeen, silent }: Followed): SpeakerRow {
  const answers = state !== undefined && silent === undefined;
  const said = answers ? state : undefined;
  const problem = silent?.problem ?? (pod.podIP === undefined ? "its Pod has no address yet" : undefined);
  return {
    node: state?.node ?? pod.nodeName ?? pod.name,
    pod: pod.name,
    address: pod.podIP ?? "",
    answers,
    ...(lastSeen !== undefined && { lastSeen }),
    ...(problem !== undefined && { error: problem }),
    ...(state && { version: state.build, startedAt: state.startedAt }),
    announcedLayer2: said?.announcements.filter(({ yieldingTo }) => yieldingTo === undefined).length ?? 0,
    announcedBgp: said?.routes.length ?? 0,
    sessionsUp: said?.sessions.filter((session) => session.state === "Established").length ?? 0,
    sessionsTotal: said?.sessions.length ?? 0,
    members: said?.members.filter((member) => member.state === "alive").length ?? 0,
    ...membersBy(said),
    ...(said?.ring && { isRingBlocked: said.ring.isBlocked }),
    ...(said?.cachedSince !== undefined && { cachedSince: said.cachedSince }),
    recordOnly: state?.recordOnly ?? false,
  };
}

/** Absent where the speaker does not say by whose word. */
function membersBy(state: SpeakerState | undefined): Pick<SpeakerRow, "membersBy"> {
  if (!state?.members.some(({ by }) => by !== undefined)) return {};
  const counts = { ring: 0, memberlist: 0, pod: 0 };
  for (const member of state.members)
    if (member.state === "alive" && member.by !== undefined) counts[member.by]++;
  return { membersBy: counts };
}

function nothing(): Touched {
  return { addresses: new Set(), services: new Set(), hasOtherNodes: false };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
