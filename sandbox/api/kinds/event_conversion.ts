import type { KubeObject } from "#k8s/mod.ts";

/** events.k8s.io/v1 calls the fields of a core/v1 Event by other names; both show the same objects. */
const names: readonly (readonly [newName: string, coreName: string])[] = [
  ["note", "message"],
  ["regarding", "involvedObject"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

export const eventConversion = {
  fromStored: (object: KubeObject): KubeObject => ({
    ...renamed(
      object,
      names.map(([newName, coreName]) => [coreName, newName]),
    ),
    apiVersion: "events.k8s.io/v1",
  }),
  toStored: (object: KubeObject): KubeObject => ({ ...renamed(object, names), apiVersion: "v1" }),
};

function renamed(object: KubeObject, pairs: readonly (readonly [from: string, to: string])[]): KubeObject {
  const result: KubeObject = { ...object };
  for (const [from, to] of pairs) {
    if (result[from] === undefined) continue;
    result[to] = result[from];
    delete result[from];
  }
  return result;
}
