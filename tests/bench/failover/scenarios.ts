import type { FailoverCluster } from "./cluster.ts";

/** A way to lose or to move the announcer of an address. */
export interface Scenario {
  readonly name: string;
  readonly says: string;
  /** Nodes of the cluster it needs. */
  readonly nodes: number;
  readonly hasSecond?: boolean;
  /** What the design asks for, ms. */
  readonly goal: { readonly p50?: number; readonly p99: number };
  /** Probes at 10 ms spacing must all be answered. */
  readonly isProbed?: boolean;
  /** Does it to the announcer; gives when, epoch ms. */
  act(cluster: FailoverCluster, announcer: string): Promise<number>;
  /** Makes the cluster as it was; what must follow by itself is waited for elsewhere. */
  undo(cluster: FailoverCluster, announcer: string): Promise<void>;
}

const single = { p50: 650, p99: 1_000 };
const mass = { p99: 1_500 };
const drain = "metallb.io/drain";

export const scenarios: readonly Scenario[] = [
  {
    name: "kill",
    says: "kill -9 of the announcer",
    nodes: 4,
    goal: single,
    act: async (cluster, announcer) => killed(cluster, [announcer]),
    undo: (cluster, announcer) => cluster.restartSpeaker(announcer),
  },
  {
    name: "link",
    says: "link down of the announcer's port",
    nodes: 4,
    goal: single,
    async act({ lan }, announcer) {
      const at = Date.now();
      await lan.pull(announcer);
      return at;
    },
    undo: ({ lan }, announcer) => lan.plug(announcer),
  },
  {
    name: "cut",
    says: "nothing passes, carrier stays (nftables)",
    nodes: 4,
    goal: single,
    async act({ lan }, announcer) {
      const at = Date.now();
      lan.cut(announcer);
      return at;
    },
    undo: async ({ lan }, announcer) => lan.heal(announcer),
  },
  {
    name: "frozen",
    says: "SIGSTOP of the announcer",
    nodes: 4,
    goal: single,
    async act(cluster, announcer) {
      const at = Date.now();
      cluster.signal(announcer, "SIGSTOP");
      return at;
    },
    undo: async (cluster, announcer) => cluster.signal(announcer, "SIGCONT"),
  },
  {
    name: "mass4",
    says: "kill -9 of 3 of 4 at once",
    nodes: 4,
    goal: mass,
    act: async (cluster, announcer) => killed(cluster, withOthers(cluster, announcer, 3)),
    undo: restartAll,
  },
  {
    name: "term",
    says: "SIGTERM of the announcer",
    nodes: 4,
    goal: single,
    isProbed: true,
    async act(cluster, announcer) {
      const at = Date.now();
      cluster.signal(announcer, "SIGTERM");
      return at;
    },
    undo: (cluster, announcer) => cluster.restartSpeaker(announcer),
  },
  {
    name: "drain",
    says: `planned move (${drain})`,
    nodes: 4,
    goal: single,
    isProbed: true,
    async act(cluster, announcer) {
      const at = Date.now();
      await cluster.annotate({ node: announcer, key: drain, value: "true" });
      return at;
    },
    undo: (cluster, announcer) => cluster.annotate({ node: announcer, key: drain, value: null }),
  },
  {
    name: "carrier",
    says: "carrier of the announcing link, another link reaches the others",
    nodes: 4,
    hasSecond: true,
    goal: { p99: 100 },
    async act({ lan }, announcer) {
      const at = Date.now();
      await lan.pull(announcer);
      return at;
    },
    undo: ({ lan }, announcer) => lan.plug(announcer),
  },
  {
    name: "mass10",
    says: "kill -9 of 8 of 10 at once",
    nodes: 10,
    goal: mass,
    act: async (cluster, announcer) => killed(cluster, withOthers(cluster, announcer, 8)),
    undo: restartAll,
  },
];

function killed(cluster: FailoverCluster, nodes: readonly string[]): number {
  const at = Date.now();
  for (const node of nodes) cluster.signal(node, "SIGKILL");
  return at;
}

/** The announcer and others by chance, so many in all. */
function withOthers({ nodes }: FailoverCluster, announcer: string, count: number): string[] {
  const others = nodes.filter((node) => node !== announcer).sort(() => Math.random() - 0.5);
  return [announcer, ...others.slice(0, count - 1)];
}

async function restartAll(cluster: FailoverCluster): Promise<void> {
  for (const node of cluster.nodes) if (!cluster.isRunning(node)) await cluster.restartSpeaker(node);
}
