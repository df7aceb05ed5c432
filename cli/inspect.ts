import { Command } from "commander";
import type { ClusterReading } from "#controller/mod.ts";
import { languageOf } from "./say.ts";

interface Flags {
  kubeconfig?: string;
  namespace?: string;
  lbClass: string;
  json: boolean;
}

/** Long enough for a list of 10,000 Services over a slow line. */
const limitMs = 30_000;

/** `metallb status`: the whole cluster on one screen. */
export function statusCommand(version: string): Command {
  return withConnection(new Command("status"))
    .description("what is announced by whom, what waits and why; exit code 1 where something needs attention")
    .action((flags: Flags) =>
      read(flags, version, async (reading) => {
        const [{ statusText }, { words }, { sayFor }] = await Promise.all([
          import("./inspect/status_text.ts"),
          import("#server/mod.ts"),
          import("./inspect/texts.ts"),
        ]);
        const language = languageOf(process.env);
        const { text, needsAttention } = statusText(reading, words(language), sayFor(process.env));
        if (needsAttention) process.exitCode = 1;
        return flags.json ? JSON.stringify(reading.view.overview(), undefined, 2) : text;
      }),
    );
}

/** `metallb explain NAMESPACE/NAME`, or an address: one decision from the pool to the node. */
export function explainCommand(version: string): Command {
  return withConnection(new Command("explain"))
    .description("why a Service has its address or none, and who announces it")
    .argument("<what...>", "a Service as namespace/name (or: service namespace/name), or an address")
    .action((what: string[], flags: Flags) =>
      read(flags, version, async (reading) => {
        const [{ explained }, { sayFor }] = await Promise.all([
          import("./inspect/explained.ts"),
          import("./inspect/texts.ts"),
        ]);
        const subject = what.filter((word) => !/^(svc|services?|address(es)?|ip)$/.test(word)).join("/");
        const language = languageOf(process.env);
        const { text, data, isFound } = explained(reading, subject, language, sayFor(process.env));
        if (!isFound) process.exitCode = 1;
        return flags.json ? JSON.stringify(data, undefined, 2) : text;
      }),
    );
}

function withConnection(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "credentials; without it $KUBECONFIG or ~/.kube/config")
    .option("--namespace <name>", "namespace of the configuration", "metallb-system")
    .option("--lb-class <class>", "as the controller's flag", "")
    .option("--json", "for programs", false);
}

async function read(
  flags: Flags,
  version: string,
  say: (reading: ClusterReading) => Promise<string>,
): Promise<void> {
  const { readCluster } = await import("#controller/mod.ts");
  const { kubeconfig, namespace, lbClass } = flags;
  const reading = await readCluster({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(namespace !== undefined && { namespace }),
    loadBalancerClass: lbClass,
    version,
    limitMs,
  });
  console.log(await say(reading));
  reading.close();
  // Connections that are kept for a next request would keep the process for two seconds more.
  process.exit();
}
