import type { KubeClient } from "#k8s/mod.ts";
import { judgeConfiguration } from "./configuration.ts";
import { judgeDefinitions } from "./definitions.ts";
import { readFacts, type UpgradeFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";
import { judgeFlags } from "./flags.ts";
import { judgeInstallation, ringSecretName } from "./installation.ts";
import { judgePorts } from "./ports.ts";
import { judgeRights } from "./rights.ts";
import { judgeRing } from "./ring.ts";
import { judgeFrr, judgeNeighbours, judgePodSecurity, judgeProxy, judgeWebhooks } from "./surroundings.ts";
import { findingTexts } from "./texts.ts";
import { installedIn } from "./workload.ts";

/** Reads the cluster by get and list alone, and says what a replacement of MetalLB by this program changes. */
export async function checkUpgrade(client: KubeClient, namespace: string): Promise<Finding[]> {
  const facts = await readFacts(client, namespace, (deployments, daemonSets) =>
    ringSecretName(installedIn({ deployments, daemonSets, namespace })),
  );
  return judge(facts);
}

const order = new Map(Object.keys(findingTexts).map((code, index) => [code, index]));

/** In the order of the table of texts. */
export function judge(facts: UpgradeFacts): Finding[] {
  const installed = installedIn(facts);
  const found = [
    ...judgeInstallation(facts, installed),
    ...judgeDefinitions(facts),
    ...judgeRights(facts, installed),
    ...judgeFlags(installed),
    ...judgePorts(installed),
    ...judgeRing(facts, installed),
    ...judgeWebhooks(facts),
    ...judgeFrr(facts, installed),
    ...judgeConfiguration(facts, installed),
    ...judgeProxy(facts),
    ...judgeNeighbours(facts, installed),
    ...judgePodSecurity(facts),
    ...facts.unread.map(({ what, why }) => finding("unread.refused", { what, why })),
  ];
  return found.sort((a, b) => (order.get(a.code) ?? 0) - (order.get(b.code) ?? 0));
}
