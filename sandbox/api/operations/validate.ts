import type { KubeObject } from "#k8s/mod.ts";
import { type FieldError, forbidden } from "../field_error.ts";
import { type Kind, validateMetadata } from "../kinds/mod.ts";
import { validateBuiltIn, validateValue } from "../schema/mod.ts";
import { invalidObject } from "../status_error.ts";
import type { ApiContext } from "./context.ts";

/** The draft and what was before, in the version whose schema judges them. */
export interface Seen {
  readonly seen: KubeObject;
  readonly seenBefore: KubeObject | undefined;
}

/** Throws the 422 with everything that is wrong with the draft, by metadata, schema and the kind's own rules. */
export function validateDraft(
  { evaluateRules }: ApiContext,
  kind: Kind,
  draft: KubeObject,
  before: KubeObject | undefined,
  { seen, seenBefore }: Seen,
): void {
  const errors: FieldError[] = validateMetadata(draft.metadata, kind.nameRule);
  if (kind.isCustom) errors.push(...validateValue(seen, kind.schema, "", evaluateRules, seenBefore));
  else errors.push(...validateBuiltIn(draft, kind.schema));
  errors.push(...(kind.strategy.validate?.(draft) ?? []));
  if (before !== undefined) {
    errors.push(...validateFinalizers(draft, before));
    errors.push(...(kind.strategy.validateUpdate?.(draft, before) ?? []));
  }
  if (errors.length === 0) errors.push(...(kind.strategy.allocate?.(draft, before) ?? []));
  refuse(kind, draft, errors);
}

/** As {@link validateDraft}, for a write of the status alone. */
export function validateStatusDraft(
  { evaluateRules }: ApiContext,
  kind: Kind,
  draft: KubeObject,
  before: KubeObject,
  { seen, seenBefore }: Seen,
): void {
  const errors: FieldError[] = validateMetadata(draft.metadata, kind.nameRule);
  if (kind.isCustom) errors.push(...validateValue(seen, kind.schema, "", evaluateRules, seenBefore));
  errors.push(...(kind.strategy.validateStatus?.(draft, before) ?? []));
  refuse(kind, draft, errors);
}

function refuse(kind: Kind, draft: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject(kind, draft.metadata.name, errors);
}

function validateFinalizers(draft: KubeObject, before: KubeObject): FieldError[] {
  if (before.metadata.deletionTimestamp === undefined) return [];
  const old = finalizersOf(before);
  const added = finalizersOf(draft).filter((finalizer) => !old.includes(finalizer));
  if (added.length === 0) return [];
  const found = JSON.stringify(added);
  return [
    forbidden(
      "metadata.finalizers",
      `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
    ),
  ];
}

export function finalizersOf({ metadata }: KubeObject): string[] {
  return Array.isArray(metadata.finalizers) ? (metadata.finalizers as string[]) : [];
}
