import { Command } from "commander";

/** `metallb check upgrade`: what changes in a cluster that runs MetalLB when this program takes its place. */
export function checkUpgradeCommand(): Command {
  return new Command("upgrade")
    .description("say what changes when MetalLB in a cluster is replaced by this program; reads only")
    .option("--kubeconfig <file>", "credentials; without it those of the Pod, $KUBECONFIG or ~/.kube/config")
    .option("--namespace <name>", "namespace of MetalLB", "metallb-system")
    .option("--json", "for programs", false)
    .action(async (options: { kubeconfig?: string; namespace: string; json: boolean }) => {
      const { connectKubernetes } = await import("#k8s/mod.ts");
      const { checkUpgrade } = await import("./upgrade/check_upgrade.ts");
      const { reportJson, reportText } = await import("./upgrade/report.ts");
      const { kubeconfig, namespace, json } = options;
      const { client } = await connectKubernetes({
        kubeconfig,
        namespace,
        userAgent: "metallb-check-upgrade",
      });
      const findings = await checkUpgrade(client, namespace);
      const { text, mustAct } = reportText(findings, namespace, process.env);
      console.log(json ? reportJson(findings, namespace) : text);
      process.exitCode = mustAct ? 1 : 0;
    });
}
