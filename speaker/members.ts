import type { PodView } from "#k8s/mod.ts";

export interface Member {
  readonly node: string;
  readonly address: string;
  readonly state: "alive" | "dead" | "left";
  /** Epoch ms of the present state. */
  readonly since: number;
  /** Epoch ms of the last heartbeat; undefined: none was ever heard. */
  readonly lastHeardAt?: number;
}

/**
 * The speakers of the cluster: who should be there comes from their Pods, who is there from heartbeats. One that was
 * never heard counts as alive while its Pod is ready, until everybody had the time to be heard and somebody was: then
 * heartbeats work here, and it is not there. Where nobody is ever heard the port is blocked, and the Pods decide, so
 * that not every node announces alone.
 */
export class Members {
  readonly #node: string;
  readonly #pods = new Map<string, { address: string; isReady: boolean; since: number }>();
  readonly #heard = new Map<string, { state: Member["state"]; since: number; lastHeardAt: number }>();

  #isSettled = false;

  constructor(node: string) {
    this.#node = node;
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
      if (before && before.address !== pod.podIP) this.#heard.delete(pod.nodeName);
    }
    for (const node of this.#pods.keys()) {
      if (present.has(node)) continue;
      this.#pods.delete(node);
      this.#heard.delete(node);
    }
  }

  /** True when the node is back from the dead: whoever announced meanwhile, both sides of a partition did. */
  heard(node: string, state: Member["state"], lastHeardAt: number, at: number): boolean {
    const isBack = state === "alive" && this.#heard.get(node)?.state === "dead";
    this.#heard.set(node, { state, since: at, lastHeardAt });
    return isBack;
  }

  isAlive(node: string): boolean {
    if (node === this.#node) return true;
    return this.get(node)?.state === "alive";
  }

  get(node: string): Member | undefined {
    const pod = this.#pods.get(node);
    if (!pod) return undefined;
    const heard = this.#heard.get(node);
    if (heard) return { node, address: pod.address, ...heard };
    const isBelieved = pod.isReady && !(this.#isSettled && this.#heard.size > 0);
    return { node, address: pod.address, state: isBelieved ? "alive" : "dead", since: pod.since };
  }

  list(): Member[] {
    return [...this.#pods.keys()].sort().flatMap((node) => this.get(node) ?? []);
  }
}
