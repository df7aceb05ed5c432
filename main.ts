#!/usr/bin/env bun
import { Command, InvalidArgumentError, Option } from "commander";
import { checkCommand } from "#cli/check.ts";
import { sandboxCommand } from "#cli/sandbox.ts";
import manifest from "./package.json" with { type: "json" };

/** The parts are imported only when they run: a speaker never loads the console, nor the controller a packet socket. */
function program(): Command {
  const metallb = new Command("metallb")
    .description("Load balancing for Kubernetes clusters that have no cloud")
    .version(manifest.version)
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what is allowed)");
  metallb.addCommand(controllerCommand());
  metallb.addCommand(speakerCommand());
  metallb.addCommand(sandboxCommand(manifest.version));
  metallb.addCommand(checkCommand());
  return metallb;
}

/** Profiles of the ring: a crash is known to all after 0.4, 0.6 and 1.1 s (docs/membership.md). */
const ringIntervals = ["100ms", "150ms", "300ms"] as const;
const logLevels = ["all", "debug", "info", "warn", "error", "none"] as const;

function controllerCommand(): Command {
  return common(new Command("controller"))
    .description("give addresses to Services, serve the console")
    .addOption(flag("--pod-name <name>", "name of this Pod", "METALLB_POD_NAME"))
    .addOption(
      flag("--ml-secret-name <name>", "Secret of the speakers' ring, made once", "METALLB_ML_SECRET_NAME"),
    )
    .addOption(flag("--deployment <name>", "owner of that Secret", "METALLB_DEPLOYMENT"))
    .addOption(
      new Option("--webhook-mode <mode>", "whether writes are judged, or nothing but that is done")
        .choices(["enabled", "disabled", "onlywebhook"])
        .default("enabled"),
    )
    .addOption(port("--webhook-port <port>", "port of the webhooks", 9443))
    .option("--webhook-unix-socket <path>", "serve the webhooks there too")
    .option("--webhook-secret <name>", "Secret that keeps the webhooks' certificate", "metallb-webhook-cert")
    .option(
      "--cert-service-name <name>",
      "Service by which the API server calls them",
      "metallb-webhook-service",
    )
    .option("--disable-cert-rotation", "somebody else makes their certificate, in --cert-dir", false)
    .option(
      "--cert-dir <folder>",
      "tls.crt and tls.key, where the certificate is not made here",
      "/tmp/k8s-webhook-server/serving-certs",
    )
    .action(async (flags) => {
      const { runController } = await import("#controller/mod.ts");
      const running = await runController({
        ...shared(flags),
        hostname: flags.host,
        ...given("podName", flags.podName),
        ...(flags.mlSecretName && {
          memberlistSecret: { secretName: flags.mlSecretName, ...given("deployment", flags.deployment) },
        }),
        isWebhookOnly: flags.webhookMode === "onlywebhook",
        ...(flags.webhookMode !== "disabled" && { webhooks: webhookOptions(flags) }),
      });
      stopOnSignal(() => running.stop());
    });
}

function webhookOptions(flags: Record<string, string> & { webhookPort: unknown }) {
  return {
    hostname: flags.host ?? "",
    port: flags.webhookPort as number,
    serviceName: flags.certServiceName ?? "",
    secretName: flags.webhookSecret ?? "",
    ...given("unixSocket", flags.webhookUnixSocket),
    ...given("certificateDirectory", flags.disableCertRotation ? flags.certDir : undefined),
  };
}

function speakerCommand(): Command {
  return common(new Command("speaker"))
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
    .option("--ml-wan-config", "memberlist's WAN profile in place of the LAN one", false)
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
    .option(
      "--ignore-exclude-lb",
      "announce also from nodes labelled exclude-from-external-load-balancers",
      false,
    )
    .option("--record-only", "decide and show everything, announce nothing; needs no privileges", false)
    .action(async (flags) => {
      const { runSpeaker } = await import("#speaker/mod.ts");
      const running = await runSpeaker({
        ...shared(flags),
        host: flags.host,
        nodeName: flags.nodeName,
        podName: flags.podName,
        memberlistAddress: flags.mlBindaddr || flags.host,
        memberlistPort: flags.mlBindport,
        isMemberlistDisabled: flags.mlBindaddr === "" || flags.mlLabels === "",
        memberlistLabels: flags.mlLabels,
        isMemberlistWan: flags.mlWanConfig,
        memberlistSettingsFile: flags.mlConfigFile,
        ignoreExcludeLabel: flags.ignoreExcludeLb,
        recordOnly: flags.recordOnly,
        ringIntervalMs: Number.parseInt(flags.ringInterval, 10),
        gratuitousRefresh: flags.gratuitousRefresh,
        ...given("secretKeyPath", flags.mlSecretKeyPath),
        ...given("excludedInterfacesFile", flags.excludel2File),
      });
      stopOnSignal(() => running.stop());
    });
}

/** What controller and speaker have in common; MetalLB's names where it has them. */
function common(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "credentials; without it those of the Pod")
    .addOption(flag("--namespace <name>", "namespace of the configuration", "METALLB_NAMESPACE"))
    .option("--host <address>", "address to listen on", "0.0.0.0")
    .addOption(port("--port <port>", "port of /metrics and, on the controller, of the console", 7472))
    .option("--unix-socket <path>", "listen there too")
    .addOption(port("--health-probe-port <port>", "port of /livez and /readyz alone; 0 for none", 17_472))
    .option("--lb-class <class>", "serve only Services with this loadBalancerClass", "")
    .addOption(new Option("--log-level <level>", "what to log").choices(logLevels).default("info"));
}

function shared(flags: Record<string, string> & { port: unknown; healthProbePort: unknown }) {
  return {
    port: flags.port as number,
    healthPort: flags.healthProbePort as number,
    loadBalancerClass: flags.lbClass ?? "",
    logLevel: flags.logLevel as (typeof logLevels)[number],
    version: manifest.version,
    ...given("kubeconfig", flags.kubeconfig),
    ...given("namespace", flags.namespace),
    ...given("unixSocket", flags.unixSocket),
  };
}

function flag(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable);
}

function port(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).default(standard).argParser((text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number <= 65_535) return number;
    throw new InvalidArgumentError(`A port is a whole number from 0 to 65535, not "${text}".`);
  });
}

function given<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}

/** The first signal stops in order, a second one at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      await stop();
      process.exit(0);
    });
  }
}

try {
  await program().parseAsync();
} catch (error) {
  // What the world refused at the start is told in a line; how it came about helps only those who ask.
  console.error(`metallb: ${error instanceof Error ? error.message : error}`);
  if (process.env.METALLB_TRACE && error instanceof Error) console.error(error.stack);
  process.exit(1);
}
