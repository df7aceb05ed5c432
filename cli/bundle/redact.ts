import type { KubeObject } from "#k8s/mod.ts";

export const hidden = "(hidden)";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
/** Names of fields and of variables whose value is nobody's business. */
const secretName = /password|passwd|secret(?!Name|KeyRef|Ref|Namespace)|token|credential/i;

/** In a text of lines, as MetalLB's old ConfigMap and FRR's configuration are: what follows such a word. */
const secretLine = /((?:password|passwd|secret-?key|token)["']?(?:\s*[:=]\s*|[ \t]+))\S.*$/gim;

/**
 * The object as it may leave the house: values of passwords and the like are hidden, what kubectl keeps of an apply
 * (which holds them once more) and managedFields are left out. References to Secrets by name stay.
 */
export function redact(object: KubeObject): KubeObject {
  const { managedFields: _fields, annotations, ...metadata } = object.metadata;
  const { [lastApplied]: _applied, ...kept } = annotations ?? {};
  const known = { ...metadata, ...(annotations && { annotations: kept }) };
  return {
    ...(clean({ ...object, metadata: {} }) as KubeObject),
    metadata: clean(known) as KubeObject["metadata"],
  };
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === "string")
    return value.includes("\n") ? value.replaceAll(secretLine, `$1${hidden}`) : value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    typeof part === "string" && part !== "" && isSecret(key, value) ? hidden : clean(part),
  ]);
  return Object.fromEntries(entries);
}

/** By the field's own name, or, of an environment variable, by the name that stands beside its value. */
function isSecret(key: string, around: object): boolean {
  if (key === "value" && "name" in around) return secretName.test(String(around.name));
  return secretName.test(key) && !/name$/i.test(key);
}
