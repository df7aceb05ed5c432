import type { KubeObject } from "#k8s/mod.ts";
import type { FieldError } from "../field_error.ts";
import type { Schema } from "../schema/mod.ts";
import type { SelectableFields } from "../selectors/mod.ts";
import type { Column } from "../table/mod.ts";
import type { NameRule } from "./names.ts";

/**
 * What a kind does beside storing what it is given. Drafts may be changed; `before` never. All run in one turn with the
 * write that follows, so what they find free stays free. In the words of a real server's `rest.RESTCreateStrategy`.
 */
export interface Strategy {
  /** Defaults that no schema can say. */
  complete?(draft: KubeObject): void;
  /** Fields that the server owns. */
  prepareForCreate?(draft: KubeObject, timestamp: string): void;
  prepareForUpdate?(draft: KubeObject, before: KubeObject): void;
  /** Of every draft, new or changed. */
  validate?(draft: KubeObject): FieldError[];
  validateUpdate?(draft: KubeObject, before: KubeObject): FieldError[];
  validateStatus?(draft: KubeObject, before: KubeObject): FieldError[];
  /** After everything else is found good: gives the draft what it needs of things that run out, or says why not. */
  allocate?(draft: KubeObject, before: KubeObject | undefined): FieldError[];
  /** Why the object may not be deleted, if so. */
  refuseDelete?(object: KubeObject): string | undefined;
}

/** Where a kind keeps what the `scale` subresource shows; field names from the object's root. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Text or LabelSelector. */
  readonly selector?: readonly string[] | undefined;
}

/** One kind in one version, as a URL addresses it. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Objects live here; several versions and groups may share one collection. */
  readonly collection: string;
  /** `apiVersion` of the form in which objects are stored. */
  readonly storedApiVersion: string;
  readonly isCustom: boolean;
  readonly schema: Schema;
  readonly columns: readonly Column[];
  readonly selectableFields: SelectableFields;
  readonly nameRule: NameRule;
  readonly hasStatus: boolean;
  /** Whether `metadata.generation` counts changes of what is wanted. */
  readonly hasGeneration: boolean;
  readonly scale?: ScalePaths | undefined;
  readonly strategy: Strategy;
  /** Told to everyone who uses this version. */
  readonly deprecation?: string | undefined;
  /** Between the stored form and this version's, where they differ by more than `apiVersion`. */
  readonly conversion?: {
    fromStored(object: KubeObject): KubeObject;
    toStored(object: KubeObject): KubeObject;
  };
}

/** `v1`, `metallb.io/v1beta1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === "" ? version : `${group}/${version}`;
}
