import { cpus } from "node:os";
import type { FailoverCluster } from "./cluster.ts";

export interface Soaked {
  readonly seconds: number;
  readonly percent: number;
  readonly lostPackets: number;
  /** Addresses announced by another node than before, though every speaker lived. */
  readonly falseFailovers: number;
  /** A speaker that lived was found dead, whether or not an address moved for it. */
  readonly falseVerdicts: number;
}

/** For so long: two other programs for every core, packets lost at every node, and nobody dies. */
export async function soak(
  cluster: FailoverCluster,
  seconds: number,
  percent: number,
  hogNiceness: number,
): Promise<Soaked> {
  const announcers = new Map<string, string>();
  for (const address of cluster.addresses) announcers.set(address, await cluster.announcer(address));
  const verdictsBefore = cluster.verdicts();
  const hogs = [...cpus(), ...cpus()].map(() =>
    Bun.spawn(["nice", "-n", `${hogNiceness}`, "sh", "-c", "while :; do :; done"], { stdin: "ignore" }),
  );
  try {
    for (const node of cluster.nodes) cluster.lan.lose(node, percent);
    const startedAt = Date.now();
    await Bun.sleep(seconds * 1e3);
    let falseFailovers = 0;
    for (const { address, by } of cluster.witness.since(startedAt)) {
      if (announcers.get(address) === by) continue;
      announcers.set(address, by);
      falseFailovers++;
    }
    return {
      seconds,
      percent,
      lostPackets: cluster.nodes.reduce((sum, node) => sum + cluster.lan.lost(node), 0),
      falseFailovers,
      falseVerdicts: cluster.verdicts() - verdictsBefore,
    };
  } finally {
    for (const hog of hogs) hog.kill("SIGKILL");
  }
}
