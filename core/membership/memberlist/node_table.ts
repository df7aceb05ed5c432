import type { Endpoint, NodeState, PushNodeState, Versions } from "./messages.ts";

/** What is known of one member; `since` is monotonic ms. Only {@link NodeTable}'s owner changes it. */
export interface Node {
  readonly name: string;
  addr: string;
  port: number;
  meta: Uint8Array;
  vsn: Versions;
  incarnation: number;
  state: NodeState;
  since: number;
  /** The last direct answer to a probe took so long. */
  rttMs?: number;
}

/** Protocol version from which a member understands, by its own word. */
export const understands = { tcpPing: 3, nack: 4, checksum: 5 } as const;

export function isGone(node: Node): boolean {
  return node.state === "dead" || node.state === "left";
}

export function canDo(node: Node, feature: keyof typeof understands): boolean {
  return (node.vsn[1] ?? 0) >= understands[feature];
}

export function endpointOf(node: Node): Endpoint {
  return { address: node.addr, port: node.port };
}

export function pushStateOf({ name, addr, port, meta, incarnation, state, vsn }: Node): PushNodeState {
  return { name, addr, port, meta, incarnation, state, vsn };
}

/** All members in an order of chance, which is the order of probing: each is probed once in a round. */
export class NodeTable {
  readonly #random: () => number;
  readonly #byName = new Map<string, Node>();
  #order: Node[] = [];
  #at = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  get size(): number {
    return this.#order.length;
  }

  get(name: string): Node | undefined {
    return this.#byName.get(name);
  }

  [Symbol.iterator](): Iterator<Node> {
    return this.#order[Symbol.iterator]();
  }

  /** At a place of chance, so that a newcomer waits for its first probe as long as any other. */
  add(node: Node): void {
    const place = this.#below(this.#order.length);
    this.#byName.set(node.name, node);
    this.#order.push(node);
    this.#swap(place, this.#order.length - 1);
  }

  /** The next to probe; after a round those dead for longer than `forgetMs` are forgotten and the rest is shuffled. */
  next(isCandidate: (node: Node) => boolean, now: number, forgetMs: number): Node | undefined {
    for (let looked = 0; looked <= this.#order.length; looked++) {
      if (this.#at >= this.#order.length) {
        this.#forget(now, forgetMs);
        this.#shuffle();
        this.#at = 0;
      }
      const node = this.#order[this.#at++];
      if (node && isCandidate(node)) return node;
    }
    return undefined;
  }

  /** Up to `count` different ones by chance; in a small ring three tries for each member find nearly all of them. */
  pick(count: number, isCandidate: (node: Node) => boolean): Node[] {
    const picked = new Set<Node>();
    for (let tries = 0; tries < 3 * this.#order.length && picked.size < count; tries++) {
      const node = this.#order[this.#below(this.#order.length)];
      if (node && isCandidate(node)) picked.add(node);
    }
    return [...picked];
  }

  #forget(now: number, forgetMs: number): void {
    const isOver = (node: Node) => isGone(node) && now - node.since > forgetMs;
    for (const node of this.#order) if (isOver(node)) this.#byName.delete(node.name);
    this.#order = this.#order.filter((node) => !isOver(node));
  }

  /** Fisher and Yates. */
  #shuffle(): void {
    for (let at = this.#order.length - 1; at > 0; at--) this.#swap(at, this.#below(at + 1));
  }

  #swap(a: number, b: number): void {
    const order = this.#order;
    [order[a], order[b]] = [order[b] as Node, order[a] as Node];
  }

  #below(limit: number): number {
    return limit === 0 ? 0 : Math.floor(this.#random() * limit);
  }
}
