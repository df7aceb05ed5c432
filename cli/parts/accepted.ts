import type { Command, Option } from "commander";
import { createLogger, type LogLevel } from "#io/mod.ts";
import { boolean } from "./boolean.ts";
import { flag } from "./flags.ts";

const oneEngine = "sessions are kept by the engine inside the speaker, which does all that FRR is asked for";

/** A flag of MetalLB's that is taken, so that its manifests start this program, and that does nothing here. */
interface Accepted {
  readonly option: Option;
  readonly parts: readonly ("controller" | "speaker")[];
  /** What it means here. */
  readonly meaning: string;
}

const acceptedFlags = (): Accepted[] => [
  {
    option: flag(
      "--bgp-debounce-timeout <ms>",
      "taken for MetalLB's manifests; without effect",
      "METALLB_BGP_DEBOUNCE_TIMEOUT",
    ),
    parts: ["speaker"],
    meaning: "without effect: there is no FRR to be reloaded; a change of routes is sent at once",
  },
  {
    option: flag(
      "--frrk8s-namespace <name>",
      "taken for MetalLB's manifests; without effect",
      "FRRK8S_NAMESPACE",
    ),
    parts: ["speaker"],
    meaning: `without effect: ${oneEngine}`,
  },
  {
    option: boolean("--frrk8s-secret-passthrough", "taken for MetalLB's manifests; without effect"),
    parts: ["speaker"],
    meaning: `without effect: ${oneEngine}`,
  },
  {
    option: flag("--pprof-bind-address <address>", "taken for MetalLB's manifests; without effect"),
    parts: ["controller", "speaker"],
    meaning: "without effect: pprof is Go's; /metrics tells memory, CPU time and delays",
  },
  {
    option: boolean("--webhook-http2", "taken for MetalLB's manifests; without effect"),
    parts: ["controller"],
    meaning: "without effect: webhooks are served over HTTP/1.1, which every API server speaks",
  },
];

/** Variables of MetalLB's that have no flag, and when they are worth a word. */
const acceptedVariables: readonly { name: string; meaning: string; isUsual?(value: string): boolean }[] = [
  {
    name: "METALLB_BGP_TYPE",
    meaning: `without effect: ${oneEngine}`,
    isUsual: (value) => value === "native",
  },
  { name: "FRR_LOGGING_LEVEL", meaning: "without effect: --log-level is for BGP too" },
  { name: "FRR_CONFIG_FILE", meaning: `without effect: ${oneEngine}` },
  { name: "FRR_RELOADER_PID_FILE", meaning: `without effect: ${oneEngine}` },
];

/** Adds the flags of MetalLB's that mean nothing here. */
export function acceptFlags(command: Command): Command {
  for (const { option, parts } of acceptedFlags()) {
    if (parts.some((part) => part === command.name())) command.addOption(option.hideHelp());
  }
  return command;
}

/** A line for each of them that was given a value, with what it means. */
export function withoutEffect(
  command: Command,
  environment: Readonly<Record<string, string | undefined>>,
): { given: string; meaning: string }[] {
  const options = command.opts();
  const flags = acceptedFlags().flatMap(({ option, meaning }) =>
    options[option.attributeName()] ? [{ given: option.long ?? "", meaning }] : [],
  );
  const variables = acceptedVariables.flatMap(({ name, meaning, isUsual }) => {
    const value = environment[name];
    return value && !isUsual?.(value) ? [{ given: name, meaning }] : [];
  });
  return [...flags, ...variables];
}

/** Warns of what was given and does nothing, or something else than the same flag does at MetalLB. */
export function warnOf(
  command: Command,
  findings: readonly { given: string; meaning: string }[],
  write?: (line: string) => void,
): void {
  const level = command.opts().logLevel as LogLevel;
  const log = createLogger({ level, component: command.name(), ...(write && { write }) });
  for (const { given, meaning } of findings) log.warn(`${given}: ${meaning}`, { op: "startup" });
}
