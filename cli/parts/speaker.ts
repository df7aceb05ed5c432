import { Command } from "commander";
import { acceptFlags, warnOf, withoutEffect } from "./accepted.ts";
import { boolean } from "./boolean.ts";
import { common, flag, given, port, shared, stopOnSignal } from "./flags.ts";
import { secureOptions, secureSettings } from "./secure.ts";
import { startPart } from "./start.ts";

/** Profiles of the ring: a crash is known to all after 0.4, 0.6 and 1.1 s (docs/membership.md). */
const ringIntervals = ["100ms", "150ms", "300ms"] as const;
/** `metallb speaker`. The speaker is loaded only when it runs. */
export function speakerCommand(version: string): Command {
  return acceptFlags(secureOptions(common(new Command("speaker"))))
    .description("announce addresses from this node")
    .addOption(flag("--node-name <name>", "name of this node", "METALLB_NODE_NAME").makeOptionMandatory())
    .addOption(flag("--pod-name <name>", "name of this Pod", "METALLB_POD_NAME").default("speaker"))
    .addOption(
      flag(
        "--ml-bindaddr <address>",
        "address fellow speakers reach this one by; empty: no memberlist",
        "METALLB_ML_BIND_ADDR",
      ).default(""),
    )
    .addOption(port("--ml-bindport <port>", "port of the membership ring", 7946).env("METALLB_ML_BIND_PORT"))
    .addOption(
      flag(
        "--ml-labels <selector>",
        "labels of the speakers' Pods; empty: no memberlist",
        "METALLB_ML_LABELS",
      ).default("app=metallb,component=speaker"),
    )
    .addOption(boolean("--ml-wan-config", "memberlist's WAN profile in place of the LAN one"))
    .addOption(
      flag(
        "--ml-config-file <file>",
        "memberlist settings that replace both profiles, where the file is there",
        "METALLB_ML_CONFIG_FILE",
      ).default("/etc/metallb/memberlist/config.json"),
    )
    .addOption(
      flag("--ml-secret-key-path <folder>", "folder with the file secretkey", "METALLB_ML_SECRET_KEY_PATH"),
    )
    .addOption(
      flag(
        "--excludel2-file <file>",
        "interfaces on which nothing is announced (announcedInterfacesToExclude); without it /etc/metallb/excludel2.yaml",
        "METALLB_EXCLUDEL2_FILE",
      ),
    )
    .addOption(
      flag(
        "--ring-interval <duration>",
        "between signs of life in the ring of watchers, four of which are missed; the same on all nodes",
        "METALLB_RING_INTERVAL",
      )
        .choices(ringIntervals)
        .default("150ms"),
    )
    .addOption(
      flag(
        "--gratuitous-refresh <duration>",
        "how often an announced address is said again for the switches; 0 for never",
        "METALLB_GRATUITOUS_REFRESH",
      ).default("60s"),
    )
    .addOption(
      boolean(
        "--ignore-exclude-lb",
        "announce also from nodes labelled exclude-from-external-load-balancers",
      ),
    )
    .option("--record-only", "decide and show everything, announce nothing; needs no privileges", false)
    .action((flags, command: Command) =>
      startPart(command, async () => {
        const { options, findings } = speakerStart(flags, version);
        warnOf(command, [...findings, ...withoutEffect(command, process.env)]);
        const { runSpeaker } = await import("#speaker/mod.ts");
        const running = await runSpeaker(options);
        stopOnSignal(() => running.stop());
      }),
    );
}

interface Own {
  mlBindport: number;
  mlWanConfig: boolean;
  ignoreExcludeLb: boolean;
  recordOnly: boolean;
}
type Flags = Parameters<typeof shared>[0] & Parameters<typeof secureSettings>[0] & Own;

/** What the flags ask for. Throws where they say what is not allowed. */
export function speakerStart(flags: Flags, version: string) {
  // Of MetalLB's webhooks a speaker has none, so that the policy is for its metrics alone.
  const { policy: _, findings, ...secure } = secureSettings(flags);
  const options = {
    ...shared(flags, version),
    ...secure,
    host: flags.host ?? "",
    nodeName: flags.nodeName ?? "",
    podName: flags.podName ?? "",
    memberlistAddress: flags.mlBindaddr || (flags.host ?? ""),
    memberlistPort: flags.mlBindport,
    isMemberlistDisabled: flags.mlBindaddr === "" || flags.mlLabels === "",
    memberlistLabels: flags.mlLabels ?? "",
    isMemberlistWan: flags.mlWanConfig,
    memberlistSettingsFile: flags.mlConfigFile ?? "",
    ignoreExcludeLabel: flags.ignoreExcludeLb,
    recordOnly: flags.recordOnly,
    ringIntervalMs: Number.parseInt(flags.ringInterval ?? "", 10),
    gratuitousRefresh: flags.gratuitousRefresh ?? "",
    ...given("secretKeyPath", flags.mlSecretKeyPath),
    ...given("excludedInterfacesFile", flags.excludel2File),
  };
  return { options, findings };
}
