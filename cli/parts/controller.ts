import { Command, Option } from "commander";
import { acceptFlags, warnOf, withoutEffect } from "./accepted.ts";
import { boolean } from "./boolean.ts";
import { electionOptions, electionSettings } from "./election.ts";
import { common, flag, given, port, shared, stopOnSignal } from "./flags.ts";
import { secureOptions, secureSettings } from "./secure.ts";
import { startPart } from "./start.ts";

/** `metallb controller`. The controller is loaded only when it runs. */
export function controllerCommand(version: string): Command {
  return acceptFlags(electionOptions(secureOptions(common(new Command("controller")))))
    .description("give addresses to Services, serve the console")
    .addOption(flag("--pod-name <name>", "name of this Pod", "METALLB_POD_NAME"))
    .addOption(
      flag("--ml-secret-name <name>", "Secret of the speakers' ring, made once", "METALLB_ML_SECRET_NAME"),
    )
    .addOption(flag("--deployment <name>", "owner of that Secret", "METALLB_DEPLOYMENT"))
    .addOption(flag("--ml-labels <selector>", "labels of the speakers' Pods", "METALLB_ML_LABELS"))
    .addOption(
      new Option("--webhook-mode <mode>", "whether writes are judged, or nothing but that is done")
        .choices(["enabled", "disabled", "onlywebhook"])
        .default("enabled"),
    )
    .option("--console-cert-dir <folder>", "tls.crt and tls.key; the console's port then speaks HTTPS", "")
    .addOption(port("--webhook-port <port>", "port of the webhooks", 9443))
    .option("--webhook-unix-socket <path>", "serve the webhooks there too")
    .option("--webhook-secret <name>", "Secret that keeps the webhooks' certificate", "metallb-webhook-cert")
    .option(
      "--cert-service-name <name>",
      "Service by which the API server calls them",
      "metallb-webhook-service",
    )
    .addOption(boolean("--disable-cert-rotation", "somebody else makes their certificate, in --cert-dir"))
    .option(
      "--cert-dir <folder>",
      "tls.crt and tls.key, where the certificate is not made here",
      "/tmp/k8s-webhook-server/serving-certs",
    )
    .option("--shadow", "look on beside MetalLB: show what would be decided otherwise, write nothing", false)
    .action((flags, command: Command) =>
      startPart(command, async () => {
        const { options, findings } = controllerStart(flags, version);
        warnOf(command, [...findings, ...withoutEffect(command, process.env)]);
        const { runController } = await import("#controller/mod.ts");
        const running = await runController(options);
        stopOnSignal(() => running.stop());
      }),
    );
}

type Flags = Parameters<typeof shared>[0] &
  Parameters<typeof secureSettings>[0] &
  Parameters<typeof electionSettings>[0] & { webhookPort: unknown; shadow?: unknown };

/** What the flags ask for. Throws where they say what is not allowed. */
export function controllerStart(flags: Flags, version: string) {
  const { policy, findings, ...secure } = secureSettings(flags);
  const certificateDirectory = flags.consoleCertDir;
  const options = {
    ...shared(flags, version),
    ...secure,
    ...(certificateDirectory && { consoleTls: { certificateDirectory, policy } }),
    hostname: flags.host ?? "",
    ...given("podName", flags.podName),
    ...given("speakerLabels", flags.mlLabels || undefined),
    isShadow: flags.shadow === true,
    ...(flags.mlSecretName && {
      memberlistSecret: { secretName: flags.mlSecretName, ...given("deployment", flags.deployment) },
    }),
    ...electionSettings(flags),
    isWebhookOnly: flags.webhookMode === "onlywebhook",
    ...(flags.webhookMode !== "disabled" && { webhooks: { ...webhookOptions(flags), policy } }),
  };
  return { options, findings };
}

function webhookOptions(flags: Flags) {
  return {
    hostname: flags.host ?? "",
    port: flags.webhookPort as number,
    serviceName: flags.certServiceName ?? "",
    secretName: flags.webhookSecret ?? "",
    ...given("unixSocket", flags.webhookUnixSocket),
    ...given("certificateDirectory", flags.disableCertRotation ? flags.certDir : undefined),
  };
}
