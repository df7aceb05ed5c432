import { StatusError } from "../status_error.ts";
import { difference, type FieldSet, pathsOf } from "./field_set.ts";
import type { ManagedFields } from "./managers.ts";

/** Fields that an apply would change and another manager owns. */
export interface FieldConflict {
  readonly entry: ManagedFields;
  readonly fields: FieldSet;
}

export function withoutAllowed(
  conflicts: readonly FieldConflict[],
  allowed: FieldSet | undefined,
): FieldConflict[] {
  return conflicts.flatMap(({ entry, fields }) => {
    const left = difference(fields, allowed);
    return left === undefined ? [] : [{ entry, fields: left }];
  });
}

/** The 409 of apimachinery `managedfields/internal/conflict.go`, which kubectl shows with its hints. */
export function fieldConflicts(conflicts: readonly FieldConflict[]): StatusError {
  const byManager = new Map<string, string[]>();
  for (const { entry, fields } of conflicts) {
    const manager = managerText(entry);
    byManager.set(manager, [...(byManager.get(manager) ?? []), ...pathsOf(fields)]);
  }
  const sorted = [...byManager].sort(([a], [b]) => (a < b ? -1 : 1));
  const causes = sorted.flatMap(([manager, paths]) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })),
  );
  const [only] = causes;
  const text =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${only?.message}: ${only?.field}`
      : `Apply failed with ${causes.length} conflicts: ${sorted
          .map(
            ([manager, paths]) =>
              `conflicts with ${manager}:\n${paths.map((path) => `- ${path}`).join("\n")}`,
          )
          .join("\n")}`;
  return new StatusError(409, "Conflict", text, { causes });
}

function managerText({ manager, operation, apiVersion, subresource }: ManagedFields): string {
  const name =
    JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : "");
  if (operation === "Apply") return name;
  return `${name} using ${apiVersion}`;
}
