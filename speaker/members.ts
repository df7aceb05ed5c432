import type { PodView } from "#k8s/mod.ts";
import type { GossipMember } from "./gossip/mod.ts";

export interface Member {
  readonly node: string;
  readonly address: string;
  readonly state: "alive" | "dead" | "left";
  /** Epoch ms of the present state. */
  readonly since: number;
  /** Epoch ms of the last heartbeat; undefined: none was ever heard. */
  readonly lastHeardAt?: number;
  /** Whose word it is. */
  readonly by: "ring" | "memberlist" | "pod";
  /** One of our speakers, which watch each other; not MetalLB's. */
  readonly isCapable: boolean;
  /** Of memberlist's last probe. */
  readonly roundTripMs?: number;
  /** What memberlist says, whether or not it decides. */
  readonly gossip?: GossipMember;
}

interface Heard {
  readonly state: Member["state"];
  readonly since: number;
  readonly lastHeardAt: number;
}

export interface MembersOptions {
  /** MetalLB's "memberlist disabled": every node that is known counts as having a speaker. */
  readonly isDisabled?: boolean;
}

/**
 * The speakers of the cluster. Who should be there comes from their Pods and from memberlist; who is there, from the
 * first of these that knows the speaker: the ring of watchers (its verdict is seconds faster, and its heartbeats vouch
 * for the part that answers), memberlist (all that MetalLB's speakers speak, and what is left where the ring's port is
 * blocked), its Pod. One that neither ever heard counts as alive while its Pod is ready, until everybody had the time to
 * be heard and somebody was: then hearing works here, and it is not there. Where nobody is ever heard the Pods decide,
 * so that not every node announces alone.
 */
export class Members {
  readonly #node: string;
  readonly #isDisabled: boolean;
  readonly #pods = new Map<string, { address: string; isReady: boolean; since: number }>();
  readonly #heard = new Map<string, Heard>();
  readonly #gossiped = new Map<string, GossipMember>();
  #isSettled = false;

  constructor(node: string, { isDisabled = false }: MembersOptions = {}) {
    this.#node = node;
    this.#isDisabled = isDisabled;
  }

  /** Every live speaker has had the time to be heard. */
  settle(): void {
    this.#isSettled = true;
  }

  /** The speakers' Pods as they are now. */
  setPods(pods: Iterable<PodView>, now: number): void {
    const present = new Set<string>();
    for (const pod of pods) {
      if (pod.nodeName === undefined || pod.podIP === undefined || pod.nodeName === this.#node) continue;
      if (present.has(pod.nodeName) && !pod.ready) continue;
      present.add(pod.nodeName);
      const before = this.#pods.get(pod.nodeName);
      const isSame = before?.address === pod.podIP && before.isReady === pod.ready;
      if (!isSame) this.#pods.set(pod.nodeName, { address: pod.podIP, isReady: pod.ready, since: now });
      if (before && before.address !== pod.podIP) this.#forget(pod.nodeName, pod.podIP);
    }
    for (const node of this.#pods.keys()) {
      if (present.has(node)) continue;
      this.#pods.delete(node);
      this.#heard.delete(node);
    }
    for (const [node, member] of this.#gossiped)
      if (!present.has(node) && !isThere(member)) this.#gossiped.delete(node);
  }

  /**
   * The ring of watchers' word. True when the node is back from the dead: whoever announced meanwhile, both sides of a
   * partition did.
   */
  heardByRing(node: string, state: Member["state"], lastHeardAt: number, at: number): boolean {
    const before = this.get(node)?.state;
    this.#heard.set(node, { state, since: at, lastHeardAt });
    return before === "dead" && this.get(node)?.state === "alive";
  }

  /** Memberlist's word; true as for {@link heardByRing}. */
  gossiped(member: GossipMember): boolean {
    const before = this.get(member.node)?.state;
    if (member.node !== this.#node) this.#gossiped.set(member.node, member);
    return before === "dead" && this.get(member.node)?.state === "alive";
  }

  isAlive(node: string): boolean {
    if (node === this.#node || this.#isDisabled) return true;
    return this.get(node)?.state === "alive";
  }

  /** It runs our speaker: the ring hears it, or it says so in memberlist. */
  isCapable(node: string): boolean {
    return node === this.#node || this.#heard.has(node) || this.#gossiped.get(node)?.capability !== undefined;
  }

  /** No speaker that lives is MetalLB's. */
  areAllCapable(): boolean {
    return this.list().every(({ state, isCapable }) => state !== "alive" || isCapable);
  }

  get(node: string): Member | undefined {
    const pod = this.#pods.get(node);
    const gossip = this.#gossiped.get(node);
    // Without a Pod nobody is expected there; but whom memberlist hears is there, whatever the API server knows.
    const address = pod?.address ?? (gossip && isThere(gossip) ? gossip.address : undefined);
    if (address === undefined) return undefined;
    return {
      node,
      address,
      ...this.#judge(node),
      isCapable: this.isCapable(node),
      ...(gossip ? { gossip } : {}),
      ...(gossip?.rttMs === undefined ? {} : { roundTripMs: gossip.rttMs }),
    };
  }

  list(): Member[] {
    const nodes = new Set([...this.#pods.keys(), ...this.#gossiped.keys()]);
    return [...nodes].sort().flatMap((node) => this.get(node) ?? []);
  }

  #judge(node: string): Pick<Member, "state" | "since" | "lastHeardAt" | "by"> {
    const heard = this.#heard.get(node);
    const gossip = this.#gossiped.get(node);
    if (heard && !isSuperseded(heard, gossip)) return { ...heard, by: "ring" };
    if (gossip) return { state: stateOf(gossip), since: gossip.since, by: "memberlist" };
    const { isReady = false, since = 0 } = this.#pods.get(node) ?? {};
    const isHearing = this.#heard.size > 0 || this.#gossiped.size > 0;
    const isBelieved = isReady && !(this.#isSettled && isHearing);
    return { state: isBelieved ? "alive" : "dead", since, by: "pod" };
  }

  /** Another Pod: what was heard was said by the one before, unless memberlist has met the new one already. */
  #forget(node: string, address: string): void {
    this.#heard.delete(node);
    if (this.#gossiped.get(node)?.address !== address) this.#gossiped.delete(node);
  }
}

/** The ring's last word was about an earlier run: now MetalLB's speaker runs there, or ours came back after its goodbye. */
function isSuperseded(heard: Heard, gossip: GossipMember | undefined): boolean {
  if (heard.state === "alive" || !gossip || !isThere(gossip)) return false;
  return gossip.capability === undefined || (heard.state === "left" && gossip.since > heard.since);
}

/** A suspect lives until the verdict, as in memberlist's own list of members. */
function isThere({ state }: GossipMember): boolean {
  return state === "alive" || state === "suspect";
}

function stateOf(member: GossipMember): Member["state"] {
  if (isThere(member)) return "alive";
  return member.state === "left" ? "left" : "dead";
}
