import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { type KubeClient, type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";

/** Manifests as a user would apply them, in the order of their names. */
export const examplesDirectory = resolve(import.meta.dir, "..", "..", "docs", "examples");

/** `kubectl apply --server-side --force-conflicts -f docs/examples`. */
export async function applyExamples(client: KubeClient): Promise<void> {
  const files = readdirSync(examplesDirectory).filter((name) => name.endsWith(".yaml"));
  for (const file of files.sort()) {
    for (const document of parseAllDocuments(readFileSync(join(examplesDirectory, file), "utf8"))) {
      const object: KubeObject = document.toJS();
      const { name, namespace = "default" } = object.metadata;
      // What somebody changed in an earlier run is no reason not to start.
      const options = { fieldManager: "sandbox", force: true };
      await client.patch(kindOf(object), { name, namespace }, "apply", object, options);
    }
  }
}

function kindOf({ apiVersion, kind }: KubeObject): ResourceType {
  const known: ResourceType[] = Object.values(resources);
  const found = known.find(
    ({ group, version, kind: name }) =>
      name === kind && apiVersion === (group ? `${group}/${version}` : version),
  );
  if (found) return found;
  throw new Error(`The examples hold a ${kind} of ${apiVersion}, which the sandbox does not apply.`);
}
