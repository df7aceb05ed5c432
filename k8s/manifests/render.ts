/**
 * `bun run rendered` (its second half): the overlays as single files, for `kubectl apply -f` from anywhere. By kubectl's
 * kustomize; Git keeps the result, and a test says when it is stale.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const rendered = join(import.meta.dir, "rendered");
/** MetalLB's names of the files -> the overlays. */
export const renderedFiles: Readonly<Record<string, string>> = {
  "metallb-native.yaml": "native",
  "metallb-native-prometheus.yaml": "with-prometheus",
  "metallb-native-prometheus-secure.yaml": "with-prometheus-secure",
};

/** One file, with a word about where it comes from. */
export async function renderOverlay(overlay: string): Promise<string> {
  const { exitCode, stdout, stderr } = await Bun.$`kubectl kustomize ${join(import.meta.dir, overlay)}`
    .quiet()
    .nothrow();
  if (exitCode !== 0) throw new Error(`kubectl kustomize ${overlay} failed: ${stderr}`);
  return `# Made of k8s/manifests/${overlay} by k8s/manifests/render.ts: change that, and run "bun run rendered".\n${stdout}`;
}

if (import.meta.main) {
  mkdirSync(rendered, { recursive: true });
  for (const [file, overlay] of Object.entries(renderedFiles))
    writeFileSync(join(rendered, file), await renderOverlay(overlay));
}
