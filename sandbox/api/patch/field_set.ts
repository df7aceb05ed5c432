/**
 * A set of fields, in the form of `managedFields[].fieldsV1`: `f:name` is a field, `k:{…}` a list element by its keys,
 * `v:…` a member of a set, `.` the field itself beside what is below it; an empty object is a field alone. Sets are
 * never changed once made, so versions of an object share them. The algebra is structured-merge-diff's `fieldpath.Set`:
 * a field and what is below it are members each for itself.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** A member without anything below it. */
export const leaf: FieldSet = Object.freeze({});

/** Whether the set holds the field itself, and not only something below it. */
export function isMember(set: FieldSet): boolean {
  if ("." in set) return true;
  for (const _ in set) return false;
  return true;
}

/** Puts a set together; undefined for one that holds nothing. Takes `below` over. */
export function fieldSet(isItself: boolean, below: Record<string, FieldSet>): FieldSet | undefined {
  for (const _ in below) return isItself ? { ".": leaf, ...below } : below;
  return isItself ? leaf : undefined;
}

export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const below: Record<string, FieldSet> = {};
  for (const step in a) if (step !== ".") below[step] = union(a[step], b[step]) ?? leaf;
  for (const step in b) if (step !== "." && !(step in a)) below[step] = b[step] ?? leaf;
  return fieldSet(isMember(a) || isMember(b), below);
}

/** The members of `a` that are none of `b`; `a` itself where they have nothing in common. */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a;
  let isChanged = isMember(a) && isMember(b);
  const below: Record<string, FieldSet> = {};
  for (const step in a) {
    if (step === ".") continue;
    const left = difference(a[step], b[step]);
    if (left !== a[step]) isChanged = true;
    if (left !== undefined) below[step] = left;
  }
  return isChanged ? fieldSet(isMember(a) && !isMember(b), below) : a;
}

export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return undefined;
  const below: Record<string, FieldSet> = {};
  for (const step in a) {
    if (step === ".") continue;
    const common = intersection(a[step], b[step]);
    if (common !== undefined) below[step] = common;
  }
  return fieldSet(isMember(a) && isMember(b), below);
}

/** Every member in the words of a conflict: `.spec.ports[port=80,protocol="TCP"].nodePort`. */
export function pathsOf(set: FieldSet | undefined, prefix = ""): string[] {
  if (set === undefined) return [];
  const own = isMember(set) && prefix !== "" ? [prefix] : [];
  const steps = Object.keys(set)
    .filter((step) => step !== ".")
    .sort();
  return [...own, ...steps.flatMap((step) => pathsOf(set[step], prefix + stepText(step)))];
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (step.startsWith("v:")) return `[=${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}
