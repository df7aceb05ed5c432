import type { KubeObject } from "#k8s/mod.ts";

/** What a cell may depend on besides its object. */
export interface CellContext {
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

/** A column of `kubectl get`, as the server describes and fills it (meta/v1 TableColumnDefinition). */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  /** `name` marks the column that kubectl prefixes with the kind where several kinds are shown. */
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, 1 and more only with `-o wide`. */
  readonly priority?: number;
  cell(object: KubeObject, context: CellContext): unknown;
}
