import type { FailoverCluster } from "./cluster.ts";
import { whileProbing } from "./probe.ts";
import type { Probed } from "./probe_child.ts";
import type { Scenario } from "./scenarios.ts";

export interface Run {
  /** From the act to the new announcer's first gratuitous frame; Infinity where none came. */
  readonly tookMs: number;
  readonly from: string;
  readonly to?: string;
  readonly probed?: Probed;
}

const timeoutMs = 10_000;

/** One act on the announcer of an address, and back to a whole cluster. */
export async function runOnce(cluster: FailoverCluster, scenario: Scenario, address: string): Promise<Run> {
  const from = await cluster.announcer(address);
  let tookMs = Number.POSITIVE_INFINITY;
  let to: string | undefined;
  const act = async () => {
    const at = await scenario.act(cluster, from);
    const isTaken = (said: { address: string; by: string }) => said.address === address && said.by !== from;
    const taken = await cluster.witness.first(at, isTaken, timeoutMs);
    if (!taken) return;
    tookMs = taken.atMs - at;
    to = taken.by;
  };
  try {
    const probed = scenario.isProbed
      ? await whileProbing(cluster.lan, address, () => act().then(() => Bun.sleep(1_000)))
      : await act();
    return { tookMs, from, ...(to !== undefined && { to }), ...(probed && { probed }) };
  } finally {
    await scenario.undo(cluster, from);
    await cluster.whole();
  }
}
