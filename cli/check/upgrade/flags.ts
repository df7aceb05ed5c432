import { controllerCommand, speakerCommand } from "../../parts/mod.ts";
import { type Finding, finding } from "./finding.ts";
import { isOurs } from "./installation.ts";
import { type Container, type Installed, mainContainer, type Workload } from "./workload.ts";

/** What MetalLB's own manifests and chart say, so that it need not be carried over; undefined: whatever it is. */
const usual: Readonly<Record<string, readonly string[] | undefined>> = {
  // Told of by itself.
  port: undefined,
  "health-probe-port": ["17472"],
  "log-level": ["info"],
  "tls-min-version": ["VersionTLS12", "VersionTLS13"],
  "webhook-mode": ["enabled"],
  METALLB_NODE_NAME: undefined,
  METALLB_POD_NAME: undefined,
  METALLB_HOST: undefined,
  METALLB_DEPLOYMENT: undefined,
  METALLB_ML_BIND_ADDR: undefined,
  METALLB_ML_BIND_PORT: ["7946"],
  METALLB_ML_LABELS: undefined,
  METALLB_ML_SECRET_NAME: undefined,
  METALLB_ML_SECRET_KEY_PATH: undefined,
  METALLB_BGP_TYPE: undefined,
  METALLB_BGP_DEBOUNCE_TIMEOUT: ["3000"],
  FRR_CONFIG_FILE: undefined,
  FRR_RELOADER_PID_FILE: undefined,
  FRR_LOGGING_LEVEL: ["informational"],
  FRRK8S_NAMESPACE: undefined,
  // Judged with the ring.
  "ml-bindport": undefined,
  "ml-labels": undefined,
};

/** Flags and variables that somebody has set, and what becomes of each here: asked of our own command line. */
export function judgeFlags(installed: Installed): Finding[] {
  return (["controller", "speaker"] as const).flatMap((part) => {
    const workload = installed[part];
    if (!workload || isOurs(workload)) return [];
    const found = judgePart(part, workload);
    return found.length > 0 ? found : [finding("flag.ok", { part })];
  });
}

function judgePart(part: "controller" | "speaker", workload: Workload): Finding[] {
  const container = mainContainer(workload);
  if (!container) return [];
  const { options } = part === "controller" ? controllerCommand("") : speakerCommand("");
  return settings(container).flatMap(({ name, value, given }) => {
    if (name in usual && (usual[name]?.includes(value) ?? true)) return [];
    const option = options.find(({ long, envVar }) => long === `--${name}` || envVar === name);
    if (option) return [finding(option.hidden ? "flag.without-effect" : "flag.carry", { part, given })];
    // A variable that nobody reads stops nothing.
    return name === name.toUpperCase() ? [] : [finding("flag.unknown", { part, given })];
  });
}

function settings({ flags, variables }: Container) {
  return [
    ...Array.from(flags, ([name, value]) => ({ name, value, given: `--${name}=${value}` })),
    ...Array.from(variables, ([name, value = ""]) => ({ name, value, given: `${name}=${value}` })).filter(
      ({ name }) => /^(METALLB|FRR)/.test(name),
    ),
  ];
}
