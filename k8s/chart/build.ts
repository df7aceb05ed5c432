/**
 * `bun run rendered` (its first half): makes those templates of the chart that say the same as the manifests out of
 * them, so that there is one place to change: the kinds, the rights, what the API server asks before it stores, and the
 * alerts.
 * Git keeps the result, for a chart is installed from a checkout too (Flux drops links, and Helm makes no files);
 * a test says when it is stale.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alertTemplate } from "./source/alerts.ts";
import { definitionTemplate } from "./source/definitions.ts";
import { rightsTemplate } from "./source/rights.ts";
import { webhookTemplate } from "./source/webhooks.ts";

const k8s = join(import.meta.dir, "..");
const templates = join(import.meta.dir, "templates");

/** Path under templates/ -> text. */
export function madeTemplates(): Map<string, string> {
  const read = (...path: string[]) => readFileSync(join(k8s, ...path), "utf8");
  const definitions = readdirSync(join(k8s, "crds")).filter((name) => /s\.yaml$/.test(name));
  return new Map([
    ...definitions.sort().map((name): [string, string] => {
      const path = join("crds", name);
      return [path, definitionTemplate(read(path), `k8s/${path}`)];
    }),
    ["rbac.yaml", rightsTemplate(read("manifests", "base", "rbac.yaml"))],
    ["prometheus-rule.yaml", alertTemplate()],
    ["webhooks.yaml", webhookTemplate(read("manifests", "base", "webhook.yaml"))],
  ]);
}

if (import.meta.main) {
  rmSync(join(templates, "crds"), { recursive: true, force: true });
  mkdirSync(join(templates, "crds"));
  for (const [path, text] of madeTemplates()) writeFileSync(join(templates, path), text);
}
