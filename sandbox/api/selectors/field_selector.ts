import type { KubeObject } from "#k8s/mod.ts";
import { badRequest } from "../status_error.ts";

/** Reads one selectable field; the empty string stands for an absent one. */
export type SelectableFields = Readonly<Record<string, (object: KubeObject) => string>>;

/** Decides whether an object is selected; the exact name and namespace, where asked for, make indexes usable. */
export interface FieldSelector {
  matches(object: KubeObject): boolean;
  readonly name?: string;
  readonly namespace?: string;
}

const metadataFields: SelectableFields = {
  "metadata.name": (object) => object.metadata.name,
  "metadata.namespace": (object) => object.metadata.namespace ?? "",
};

/**
 * `metadata.name=a,spec.type!=ClusterIP`: the grammar of apimachinery's `fields.ParseSelector`, with `\` before a comma,
 * an equals sign or a backslash that is meant literally. Throws a 400 for a field that the kind does not offer.
 */
export function parseFieldSelector(text: string, fields: SelectableFields): FieldSelector | undefined {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  if (terms.length === 0) return undefined;
  const parsed = terms.map((term) => parseTerm(term, fields));
  const exact = (field: string) =>
    parsed.find((term) => term.field === field && term.isEqual && term.value !== "")?.value;
  const name = exact("metadata.name");
  const namespace = exact("metadata.namespace");
  return {
    matches: (object) => parsed.every(({ read, isEqual, value }) => (read(object) === value) === isEqual),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function parseTerm(term: string, fields: SelectableFields) {
  const match = /^((?:\\.|[^=!\\])*)(!=|==|=)((?:\\.|[^\\])*)$/.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, rawField = "", operator, rawValue = ""] = match;
  const field = rawField.trim();
  const read = Object.hasOwn(metadataFields, field)
    ? metadataFields[field]
    : Object.hasOwn(fields, field)
      ? fields[field]
      : undefined;
  if (read === undefined) throw badRequest(`field label not supported: ${field}`);
  return { field, read, isEqual: operator !== "!=", value: rawValue.replace(/\\(.)/g, "$1") };
}
