import { isMap, LineCounter, parseAllDocuments } from "yaml";
import { convertObject, isJsonObject, type JsonObject } from "#core/config/conversion/mod.ts";
import { type ConfigResources, lint, parseConfig, type Resource } from "#core/config/mod.ts";
import { reasonText } from "#core/reason/mod.ts";

/** A file of manifests: its name as the user gave it, and its text. */
export interface Manifests {
  readonly file: string;
  readonly text: string;
}

export interface CheckLine {
  readonly severity: "error" | "warning";
  /** `file:line` of the object. */
  readonly where: string;
  /** `IPAddressPool first-pool`. */
  readonly object: string;
  readonly path: string;
  readonly message: string;
}

export interface CheckResult {
  readonly lines: readonly CheckLine[];
  /** Objects of metallb.io that were judged. */
  readonly judged: number;
  /** Objects of other groups, which are not ours to judge. */
  readonly others: number;
}

type Kind = Exclude<keyof ConfigResources, "nodes" | "secrets">;

const kinds: Readonly<Record<string, Kind>> = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "peers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
};

/** Judges manifests as controller, speakers and webhooks will, by the same code, without a cluster. */
export function checkManifests(sources: readonly Manifests[]): CheckResult {
  const lines: CheckLine[] = [];
  const places = new Map<string, string>();
  const resources = Object.fromEntries(Object.values(kinds).map((kind) => [kind, [] as Resource[]]));
  let others = 0;
  for (const { object, where, trouble } of sources.flatMap(readObjects)) {
    if (trouble !== undefined) {
      lines.push({ severity: "error", where, object: "document", path: "", message: trouble });
      continue;
    }
    const apiVersion = String(object.apiVersion ?? "");
    if (!apiVersion.startsWith("metallb.io/")) {
      others++;
      continue;
    }
    const read = readResource(object, apiVersion);
    if ("wrong" in read) {
      lines.push({ severity: "error", where, object: nameOf(object), path: "", message: read.wrong });
      continue;
    }
    places.set(`${read.resource.kind}/${read.resource.metadata.name}`, where);
    resources[read.kind]?.push(read.resource);
  }
  const { config, issues } = parseConfig(resources as unknown as ConfigResources);
  const place = (kind: string, name: string) => ({
    where: places.get(`${kind}/${name}`) ?? "",
    object: `${kind} ${name}`,
  });
  for (const { kind, name, path, message } of issues) {
    lines.push({ severity: "error", ...place(kind, name), path, message });
  }
  for (const { kind, name, path, why } of lint(config)) {
    lines.push({ severity: "warning", ...place(kind, name), path, message: reasonText(why) });
  }
  return { lines, judged: places.size, others };
}

type ReadObject = { where: string } & (
  | { object: JsonObject; trouble?: undefined }
  | { object?: undefined; trouble: string }
);

/** Every document of the file; a List counts as its items. */
function readObjects({ file, text }: Manifests): ReadObject[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter });
  return documents.flatMap((document): ReadObject[] => {
    const [error] = document.errors;
    const offset = error ? error.pos[0] : (document.contents?.range?.[0] ?? 0);
    const where = `${file}:${lineCounter.linePos(offset).line}`;
    if (error) return [{ where, trouble: `it is not YAML: ${error.message.split("\n")[0]}` }];
    if (document.contents === null) return [];
    const object: unknown = document.toJS();
    if (!isMap(document.contents) || !isJsonObject(object as never)) {
      return [
        { where, trouble: "it is not a Kubernetes object: a mapping with apiVersion and kind is wanted" },
      ];
    }
    const items = (object as JsonObject).items;
    if (String((object as JsonObject).kind).endsWith("List") && Array.isArray(items)) {
      return items.map((item) => ({ where, object: item as JsonObject }));
    }
    return [{ where, object: object as JsonObject }];
  });
}

function readResource(
  object: JsonObject,
  apiVersion: string,
): { kind: Kind; resource: Resource } | { wrong: string } {
  const kindName = String(object.kind ?? "");
  const kind = kinds[kindName];
  if (!kind) {
    return {
      wrong: `kind "${kindName}" is not one to configure; known kinds: ${Object.keys(kinds).join(", ")}`,
    };
  }
  const metadata = object.metadata;
  if (!isJsonObject(metadata as never) || typeof (metadata as JsonObject).name !== "string") {
    return { wrong: "metadata.name is missing" };
  }
  if (kind !== "peers" || apiVersion === "metallb.io/v1beta2")
    return { kind, resource: object as unknown as Resource };
  const conversion = convertObject(object, "metallb.io/v1beta2");
  if ("failed" in conversion) return { wrong: String(conversion.failed) };
  return { kind, resource: conversion.converted as unknown as Resource };
}

function nameOf(object: JsonObject): string {
  const metadata = object.metadata as JsonObject | undefined;
  return `${String(object.kind ?? "object")} ${String(metadata?.name ?? "without a name")}`;
}
