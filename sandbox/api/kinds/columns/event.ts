import type { KubeObject } from "#k8s/mod.ts";
import { record, text } from "../../object.ts";
import { ageOf, type CellContext, type Column } from "../../table/mod.ts";
import { column, integerColumn, nameColumn, number, wide } from "./common.ts";

/** Columns of events in their core/v1 form, which is the stored one. */
export const eventColumns: readonly Column[] = [
  column("Last Seen", lastSeen),
  column("Type", (event) => event.type),
  column("Reason", (event) => event.reason),
  column("Object", (event) => {
    const about = record(event, "involvedObject");
    const kind = text(about, "kind").toLowerCase();
    return text(about, "name") === "" ? kind : `${kind}/${text(about, "name")}`;
  }),
  wide(column("Subobject", (event) => text(record(event, "involvedObject"), "fieldPath"))),
  wide(column("Source", source)),
  column("Message", (event) => text(event, "message").trim()),
  wide(column("First Seen", firstSeen)),
  wide(integerColumn("Count", count)),
  wide(nameColumn),
];

function lastSeen(event: KubeObject, { now }: CellContext): string {
  const series = text(record(event, "series"), "lastObservedTime");
  const last = series || text(event, "lastTimestamp");
  return last === "" ? firstSeen(event, { now }) : ageOf(last, now);
}

function firstSeen(event: KubeObject, { now }: CellContext): string {
  return ageOf(text(event, "firstTimestamp") || text(event, "eventTime"), now);
}

function source(event: KubeObject): string {
  const reporter = record(event, "source");
  const component = text(reporter, "component") || text(event, "reportingComponent");
  const host = text(reporter, "host");
  return host === "" ? component : `${component}, ${host}`;
}

function count(event: KubeObject): number {
  return number(record(event, "series"), "count") || number({ ...event }, "count") || 1;
}
