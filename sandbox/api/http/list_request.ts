import { type FieldError, forbidden, notSupported } from "../field_error.ts";
import { badRequest, invalidObject, tooLargeResourceVersion } from "../status_error.ts";
import { count, options, revision } from "./query.ts";

export interface ListRequest {
  readonly limit: number;
  readonly token: string;
  /** The moment that the list is to show; any that is new enough where absent. */
  readonly exactRevision: number | undefined;
}

/**
 * What the query of a list says of its moment and its size (kubernetes.io "API Concepts", Semantics for get and list).
 * Everything here is the newest state, so of "not older than" only a moment yet to come is refused.
 */
export function listRequest(query: URLSearchParams, current: number): ListRequest {
  const match = query.get("resourceVersionMatch") ?? "";
  const token = query.get("continue") ?? "";
  const errors = [...matchErrors(query, match, token)];
  if (query.has("sendInitialEvents"))
    errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  if (errors.length > 0) throw invalidObject(options("ListOptions"), "", errors);
  const wanted = revision(query);
  if (wanted !== undefined && token !== "")
    throw badRequest("specifying resource version is not allowed when using continue");
  checkNotFuture(wanted, current);
  const limit = count(query, "limit");
  // Before resourceVersionMatch there was, pages of a version were pages of exactly that version.
  const isExact = match === "Exact" || (match === "" && limit > 0);
  return { limit, token, exactRevision: isExact ? wanted : undefined };
}

/** For get, list and watches that begin with what there is. */
export function checkNotFuture(wanted: number | undefined, current: number): void {
  if (wanted !== undefined && wanted > current) throw tooLargeResourceVersion(wanted, current);
}

function* matchErrors(query: URLSearchParams, match: string, token: string): Generator<FieldError> {
  if (match === "") return;
  const field = "resourceVersionMatch";
  const version = query.get("resourceVersion") ?? "";
  if (version === "") yield forbidden(field, `${field} is forbidden unless resourceVersion is provided`);
  if (token !== "") yield forbidden(field, `${field} is forbidden when continue is provided`);
  if (match !== "Exact" && match !== "NotOlderThan")
    yield notSupported(field, match, ["Exact", "NotOlderThan", ""]);
  if (match === "Exact" && version === "0")
    yield forbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`);
}
