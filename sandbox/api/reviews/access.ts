import { type Attributes, reviewedAttributes, type Verdict } from "../authorization/mod.ts";
import { type FieldError, forbidden, invalid } from "../field_error.ts";
import { isRecord, record, text } from "../object.ts";
import { invalidObject, type StatusError } from "../status_error.ts";
import type { User } from "../users.ts";

/** Decides whether a user may do what is asked. */
export type Authorizer = (user: User, attributes: Attributes) => Verdict;

const one = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
const notBoth = "cannot be specified in combination with resourceAttributes";

/** What an access review asks for. Throws a 422 unless it asks for one thing. */
export function attributesOf(kind: string, spec: Record<string, unknown>): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined)
    throw refused(kind, invalid("spec.nonResourceAttributes", nonResourceAttributes, notBoth));
  const attributes = reviewedAttributes(spec);
  if (attributes) return attributes;
  throw refused(kind, invalid("spec.resourceAttributes", null, one));
}

/** As {@link attributesOf}, within one namespace: "" in the review is that of the URL, and another one is refused. */
export function localAttributesOf(spec: Record<string, unknown>, namespace: string): Attributes {
  const kind = "LocalSubjectAccessReview";
  if (spec.nonResourceAttributes !== undefined)
    throw refused(kind, forbidden("spec.nonResourceAttributes", "disallowed on this kind of request"));
  const asked = attributesOf(kind, spec);
  const given = text(record(spec, "resourceAttributes"), "namespace");
  if (given === "" || given === namespace) return { ...asked, namespace } as Attributes;
  throw refused(kind, invalid("spec.resourceAttributes.namespace", given, "must match metadata.namespace"));
}

/** Of whom a review asks; a user who is not of `system:authenticated` unless the review says so. */
export function subjectOf(kind: string, spec: Record<string, unknown>): User {
  const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : [];
  const [username, uid] = [text(spec, "user"), text(spec, "uid")];
  if (username === "" && groups.length === 0)
    throw refused(kind, invalid("spec.user", "", "at least one of user or group must be specified"));
  const extra = isRecord(spec.extra) ? (spec.extra as Record<string, string[]>) : undefined;
  return { username, groups, ...(uid !== "" && { uid }), ...(extra && { extra }) };
}

function refused(kind: string, error: FieldError): StatusError {
  const named = { group: "authorization.k8s.io", plural: `${kind.toLowerCase()}s`, kind };
  return invalidObject(named, "", [error]);
}
