import { convertPeerSpec, keptAnnotation, type PeerVersion } from "./bgp_peer.ts";
import { isJsonObject, type JsonObject } from "./json.ts";

const group = "metallb.io";

/**
 * A BGPPeer in another version of metallb.io, for apiextensions.k8s.io/v1 ConversionReview; or why it cannot be. Of the
 * metadata only annotations change, as the API server demands.
 */
export function convertObject(
  object: unknown,
  desiredAPIVersion: string,
): { converted: JsonObject } | { failed: string } {
  if (!isJsonObject(object)) return { failed: `${JSON.stringify(object)} is not an object` };
  const to = versionOf(desiredAPIVersion);
  if (!to) return { failed: `"${desiredAPIVersion}" is not a version of BGPPeer; ${known}` };
  const { kind, apiVersion } = object;
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const name = `${String(kind)} "${String(metadata.name)}"`;
  if (kind !== "BGPPeer") {
    return { failed: `${name} cannot be converted: only BGPPeer has more than one version` };
  }
  const from = versionOf(apiVersion);
  if (!from) return { failed: `${name} has apiVersion ${JSON.stringify(apiVersion)}; ${known}` };
  if (from === to) return { converted: object };

  const annotations: Record<string, string> = isJsonObject(metadata.annotations)
    ? Object.fromEntries(Object.entries(metadata.annotations).map(([key, value]) => [key, String(value)]))
    : {};
  const before = readKept(annotations[keptAnnotation(to)]);
  delete annotations[keptAnnotation(to)];
  const { spec, kept } = convertPeerSpec(isJsonObject(object.spec) ? object.spec : {}, to, before);
  if (kept) annotations[keptAnnotation(from)] = JSON.stringify(kept);
  const { annotations: _annotations, ...rest } = metadata;
  const hasAnnotations = Object.keys(annotations).length > 0;
  return {
    converted: {
      ...object,
      apiVersion: desiredAPIVersion,
      metadata: { ...rest, ...(hasAnnotations && { annotations }) },
      spec,
    },
  };
}

const known = `known are ${group}/v1beta1 and ${group}/v1beta2`;

function versionOf(apiVersion: unknown): PeerVersion | undefined {
  if (apiVersion === `${group}/v1beta1`) return "v1beta1";
  return apiVersion === `${group}/v1beta2` ? "v1beta2" : undefined;
}

/** The annotation is anyone's to edit: what is not ours to read counts as absent. */
function readKept(text: string | undefined): { fields: JsonObject; both: readonly string[] } | undefined {
  if (text === undefined) return undefined;
  try {
    const kept: unknown = JSON.parse(text);
    if (!isJsonObject(kept) || !isJsonObject(kept.fields)) return undefined;
    const both = Array.isArray(kept.both) ? kept.both.filter((name) => typeof name === "string") : [];
    return { fields: kept.fields, both };
  } catch {
    return undefined;
  }
}
