import type { KubeObject } from "#k8s/mod.ts";
import { invalid } from "../field_error.ts";
import type { Registry, Strategy } from "../kinds/mod.ts";
import {
  type Condition,
  collectionOf,
  type DefinitionSpec,
  type DefinitionStatus,
  definitionSpec,
  isEstablished,
} from "./definition.ts";
import { validateDefinition } from "./validate.ts";

/** Keeps a definition until its objects are gone (apiextensions "customresourcecleanup"). */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/**
 * CustomResourceDefinitions. A real server accepts names and establishes the kind a moment after the creation; here both
 * are done in the same step, so a definition that is answered is served.
 */
export function definitionStrategy(registry: Registry, timestamp: () => string): Strategy {
  return {
    complete(draft) {
      const { names } = definitionSpec(draft);
      if (!names?.kind) return;
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    },
    prepareForCreate(draft, time) {
      draft.metadata.finalizers = [...new Set([...listOf(draft.metadata.finalizers), cleanupFinalizer])];
      draft.status = statusOf(draft, undefined, registry, time);
    },
    prepareForUpdate(draft, before) {
      draft.status = statusOf(draft, before, registry, timestamp());
    },
    validate: validateDefinition,
    validateUpdate(draft, before) {
      const [spec, old] = [definitionSpec(draft), definitionSpec(before)];
      const errors = [];
      if (isEstablished(before)) {
        if (spec.scope !== old.scope) errors.push(invalid("spec.scope", spec.scope, "field is immutable"));
        if (spec.names.kind !== old.names.kind) {
          errors.push(invalid("spec.names.kind", spec.names.kind, "field is immutable"));
        }
      }
      if (spec.group !== old.group) errors.push(invalid("spec.group", spec.group, "field is immutable"));
      const { storedVersions = [] } = (before.status ?? {}) as Partial<DefinitionStatus>;
      for (const [index, name] of storedVersions.entries()) {
        if (spec.versions.some((version) => version.name === name)) continue;
        const detail = "must appear in spec.versions";
        errors.push(invalid(`status.storedVersions[${index}]`, name, detail));
      }
      return errors;
    },
  };
}

function statusOf(
  draft: KubeObject,
  before: KubeObject | undefined,
  registry: Registry,
  time: string,
): DefinitionStatus {
  const spec = definitionSpec(draft);
  const old = (before?.status ?? {}) as Partial<DefinitionStatus>;
  const taken = spec.names === undefined ? undefined : takenName(spec, registry);
  const condition = (type: string, status: Condition["status"], reason: string, message: string) => {
    const same = old.conditions?.find((each) => each.type === type && each.status === status);
    return { type, status, lastTransitionTime: same?.lastTransitionTime ?? time, reason, message };
  };
  const storage = (Array.isArray(spec.versions) ? spec.versions : []).find(
    (version) => version.storage,
  )?.name;
  const others = (old.conditions ?? []).filter(
    ({ type }) => !["NamesAccepted", "Established"].includes(type),
  );
  return {
    conditions: [
      ...others,
      taken === undefined
        ? condition("NamesAccepted", "True", "NoConflicts", "no conflicts found")
        : condition("NamesAccepted", "False", taken.reason, taken.message),
      taken === undefined
        ? condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted")
        : condition("Established", "False", "NotAccepted", "not all names are accepted"),
    ],
    acceptedNames: taken === undefined ? { ...spec.names } : {},
    storedVersions: [...new Set([...(old.storedVersions ?? []), ...(storage ? [storage] : [])])],
  };
}

/** Plural, singular, short names and kind are each unique within a group. */
function takenName(
  spec: DefinitionSpec,
  registry: Registry,
): { reason: string; message: string } | undefined {
  const collection = collectionOf(spec);
  const { plural, singular = "", shortNames = [], kind } = spec.names;
  for (const other of registry.all()) {
    if (other.group !== spec.group || other.collection === collection) continue;
    const used = [other.plural, other.singular, ...other.shortNames];
    const clash = [plural, singular, ...shortNames].find((name) => used.includes(name));
    if (clash !== undefined) return { reason: "PluralConflict", message: `"${clash}" is already in use` };
    if (other.kind === kind) return { reason: "KindConflict", message: `"${kind}" is already in use` };
  }
  return undefined;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}
