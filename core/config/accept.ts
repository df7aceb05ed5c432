import { FieldReader, type Report } from "./field_reader.ts";
import type { ConfigIssue, Resource } from "./types.ts";

interface Rules<T> {
  readonly parse: (spec: FieldReader, resource: Resource) => T;
  /** What only the other objects can tell; sees the older ones that were accepted. */
  readonly check?: (value: T, accepted: readonly T[], report: Report) => void;
  /** Called for each object that is in force, oldest first. */
  readonly accept?: (value: T) => void;
}

/**
 * Takes the objects of one kind, the oldest first: each that has no issue is accepted, each other is rejected alone.
 * Of a rejected one the last accepted version stays in force, where `previous` has it and nothing speaks against it.
 */
export function acceptEach<T extends { readonly name: string }>(
  resources: readonly Resource[],
  previous: readonly T[],
  issues: ConfigIssue[],
  { parse, check, accept }: Rules<T>,
): T[] {
  const accepted: T[] = [];
  const takenNames = new Set<string>();
  for (const resource of oldestFirst(resources)) {
    const { name } = resource.metadata;
    const own: ConfigIssue[] = [];
    const report: Report = (path, code, sentence) => {
      own.push({ kind: resource.kind, name, path, code, message: `${path}: ${sentence}` });
    };
    if (takenNames.has(name))
      report("metadata.name", "name.duplicate", `there is another ${resource.kind} "${name}"`);
    takenNames.add(name);
    if (name === "") report("metadata.name", "name.missing", "the object has no name");
    let value: T | undefined = parse(new FieldReader(resource.spec, "spec", report), resource);
    if (own.length === 0) check?.(value, accepted, report);
    if (own.length > 0) {
      value = previous.find((each) => each.name === name && !accepted.includes(each));
      const against: string[] = [];
      if (value) check?.(value, accepted, (path) => against.push(path));
      if (against.length > 0) value = undefined;
      const stays = value ? "; the last accepted version stays in force" : "";
      issues.push(...own.map((issue) => ({ ...issue, message: issue.message + stays })));
    }
    if (!value) continue;
    accepted.push(value);
    accept?.(value);
  }
  return accepted;
}

/** A creationTimestamp that is later than any other: that of an object under admission. */
export const youngest = "\uffff";

/** By creation, then by name: whoever was there first keeps what two objects claim. One without a time is young. */
function oldestFirst(resources: readonly Resource[]): Resource[] {
  const age = ({ metadata }: Resource) => metadata.creationTimestamp ?? "~";
  return resources.toSorted(
    (a, b) => compareText(age(a), age(b)) || compareText(a.metadata.name, b.metadata.name),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
