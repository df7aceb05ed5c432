/**
 * `kubectl get` is printed by the server: columns, their cells, and the Table object that carries them.
 *
 * ```ts
 * tableOf({ columns, objects, metadata: { resourceVersion: "7" }, includeObject: "Metadata", context: { now } });
 * ```
 */
export { ageOf, humanDuration } from "./age.ts";
export type { CellContext, Column } from "./column.ts";
export { fieldNames, type JsonPath, parseJsonPath } from "./json_path.ts";
export { type PrinterColumn, printerColumn } from "./printer_column.ts";
export { type IncludeObject, metadataOf, tableOf } from "./table.ts";
