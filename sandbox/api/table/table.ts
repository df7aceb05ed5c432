import type { KubeObject } from "#k8s/mod.ts";
import type { CellContext, Column } from "./column.ts";

/** How much of each object travels with its row. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** A `meta.k8s.io/v1` Table: what `kubectl get` prints. */
export function tableOf(options: {
  columns: readonly Column[];
  objects: readonly KubeObject[];
  metadata: Record<string, unknown>;
  includeObject: IncludeObject;
  context: CellContext;
  /** Later events of a watch leave the definitions out. */
  withColumns?: boolean;
}): Record<string, unknown> {
  const { columns, objects, metadata, includeObject, context, withColumns = true } = options;
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columns.map(definition) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, context) ?? null),
      ...(includeObject === "None"
        ? {}
        : { object: includeObject === "Object" ? object : metadataOf(object) }),
    })),
  };
}

/** An object cut down to its metadata, in the form that metadata informers ask for. */
export function metadataOf({ metadata }: KubeObject): Record<string, unknown> {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function definition({ name, type, format = "", description, priority = 0 }: Column) {
  return { name, type, format, description, priority };
}
