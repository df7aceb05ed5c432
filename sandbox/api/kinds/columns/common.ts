import type { KubeObject } from "#k8s/mod.ts";
import { record, records, text } from "../../object.ts";
import { labelSelectorText } from "../../selectors/mod.ts";
import { ageOf, type CellContext, type Column } from "../../table/mod.ts";

type Cell = (object: KubeObject, context: CellContext) => unknown;

export const none = "<none>";

export const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.",
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column = {
  name: "Age",
  type: "string",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. Clients may not set this value.",
  cell: (object, { now }) => ageOf(object.metadata.creationTimestamp, now),
};

export const createdAtColumn: Column = {
  name: "Created At",
  type: "date",
  description: ageColumn.description,
  cell: (object) => object.metadata.creationTimestamp,
};

export function column(name: string, cell: Cell, description = ""): Column {
  return { name, type: "string", description, cell };
}

export function integerColumn(name: string, cell: Cell, description = ""): Column {
  return { name, type: "integer", description, cell };
}

/** A column that only `-o wide` shows. */
export function wide(shown: Column): Column {
  return { ...shown, priority: 1 };
}

export function joined(values: readonly unknown[]): string {
  return values.length === 0 ? none : values.join(",");
}

/** At most three, and how many more, as the Endpoints columns do. */
export function shortened(values: readonly string[], shownMax: number): string {
  if (values.length <= shownMax) return joined(values);
  return `${values.slice(0, shownMax).join(",")} + ${values.length - shownMax} more...`;
}

export function labelsText(labels: Record<string, unknown>): string {
  return joined(
    Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => (value === "" ? key : `${key}=${value}`)),
  );
}

export function selectorText(selector: Record<string, unknown>): string {
  return labelSelectorText(selector) || none;
}

/** Wide columns of what holds a pod template: containers and images. */
export const containerColumns: readonly Column[] = [
  wide(column("Containers", (object) => joined(containersOf(object).map((each) => text(each, "name"))))),
  wide(column("Images", (object) => joined(containersOf(object).map((each) => text(each, "image"))))),
];

function containersOf(object: KubeObject): Record<string, unknown>[] {
  return records(record(record(record(object, "spec"), "template"), "spec"), "containers");
}

export function number(value: Record<string, unknown>, key: string): number {
  const field = value[key];
  return typeof field === "number" ? field : 0;
}
