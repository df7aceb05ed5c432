import type { UpgradeFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";
import { ringSecretName } from "./installation.ts";
import { type Installed, mainContainer, setting } from "./workload.ts";

/** Who our manifests' and our chart's speakers are. */
const knownLabels =
  /^(app=metallb,component=speaker|app\.kubernetes\.io\/name=[\w.-]+,app\.kubernetes\.io\/component=speaker)$/;
/** Enough to hand addresses over and to say goodbye. */
const graceEnoughSeconds = 5;
const standardPort = "7946";

/** Whether old and new speakers can be one ring while nodes are swapped one by one. */
export function judgeRing(facts: UpgradeFacts, installed: Installed): Finding[] {
  const { speaker } = installed;
  const container = speaker && mainContainer(speaker);
  if (!speaker || !container) return [];
  const { variables, flags } = container;
  const labels = setting(speaker, "ml-labels", "METALLB_ML_LABELS") ?? "";
  const hasAddress = flags.has("ml-bindaddr") || variables.has("METALLB_ML_BIND_ADDR");
  const grace =
    speaker.graceSeconds !== undefined && speaker.graceSeconds < graceEnoughSeconds
      ? [finding("ring.grace", { seconds: speaker.graceSeconds })]
      : [];
  if (!hasAddress || labels === "") return [finding("ring.off"), ...grace];
  const port = setting(speaker, "ml-bindport", "METALLB_ML_BIND_PORT") ?? standardPort;
  const missing = missingKey(facts, installed);
  return [
    finding(missing === undefined ? "ring.mixed" : "ring.mixed-plain", { port }),
    ...(missing === undefined ? [] : [finding("ring.plain", { missing })]),
    ...(port === standardPort
      ? []
      : [finding("flag.carry", { part: "speaker", given: `--ml-bindport=${port}` })]),
    ...(knownLabels.test(labels) ? [] : [finding("ring.labels", { labels })]),
    ...(facts.configMaps.has("metallb-memberlist-config") ? [finding("ring.settings")] : []),
    ...grace,
  ];
}

/** What is missing for the ring to be encrypted; undefined: nothing that can be seen. */
function missingKey({ ringSecret }: UpgradeFacts, installed: Installed): string | undefined {
  const keyPath = setting(installed.speaker, "ml-secret-key-path", "METALLB_ML_SECRET_KEY_PATH");
  if (!keyPath) return "METALLB_ML_SECRET_KEY_PATH";
  if (ringSecret === undefined) return undefined;
  const name = ringSecretName(installed) ?? "memberlist";
  const { data = {} } = (ringSecret ?? {}) as { data?: Record<string, string> };
  if (ringSecret === null) return `Secret ${name}`;
  return data.secretkey ? undefined : `secretkey (Secret ${name})`;
}
