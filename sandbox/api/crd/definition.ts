import type { KubeObject } from "#k8s/mod.ts";
import type { Schema } from "../schema/mod.ts";
import type { PrinterColumn } from "../table/mod.ts";

/** The parts of a CustomResourceDefinition that the server acts on; their JSON types are checked before. */
export interface DefinitionSpec {
  group: string;
  scope: "Namespaced" | "Cluster";
  names: Names;
  versions: DefinitionVersion[];
  conversion?: {
    strategy?: string;
    webhook?: { clientConfig?: Record<string, unknown>; conversionReviewVersions?: string[] };
  };
  preserveUnknownFields?: boolean;
}

export interface Names {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: Schema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface DefinitionStatus {
  conditions: Condition[];
  acceptedNames: Partial<Names>;
  storedVersions: string[];
}

export function definitionSpec(definition: KubeObject): DefinitionSpec {
  return (definition.spec ?? {}) as DefinitionSpec;
}

/** Where the objects of the definition live: the definition's own name, `plural.group`. */
export function collectionOf({ group, names }: DefinitionSpec): string {
  return `${names.plural}.${group}`;
}

export function isEstablished(definition: KubeObject): boolean {
  const { conditions = [] } = (definition.status ?? {}) as Partial<DefinitionStatus>;
  return conditions.some((each) => each.type === "Established" && each.status === "True");
}
