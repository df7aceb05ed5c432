import { type FieldError, forbidden, notSupported } from "../field_error.ts";
import type { Kind } from "../kinds/mod.ts";
import type { Selection } from "../operations/mod.ts";
import { invalidObject } from "../status_error.ts";
import type { WatchRequest } from "../watch/mod.ts";
import { checkNotFuture } from "./list_request.ts";
import { count, isTrue, options, revision } from "./query.ts";

/** A real server ends watches that name no timeout after half an hour to an hour; the spread keeps them apart. */
const defaultTimeoutMs = 30 * 60_000;

/** What the query of a watch asks for (kubernetes.io "API Concepts", Semantics for watch; KEP-3157). */
export function watchRequest(
  kind: Kind,
  selection: Selection,
  query: URLSearchParams,
  current: number,
): WatchRequest {
  checkInitialEvents(query);
  const wantsInitial = query.has("sendInitialEvents") ? isTrue(query, "sendInitialEvents") : undefined;
  const start = revision(query);
  if (wantsInitial === true) checkNotFuture(start, current);
  const seconds = count(query, "timeoutSeconds");
  const { namespace, labels, fields } = selection;
  return {
    scope: {
      namespace: namespace ?? (kind.namespaced ? fields?.namespace : ""),
      name: fields?.name,
    },
    labels,
    fields,
    startRevision:
      wantsInitial === true ? undefined : (start ?? (wantsInitial === false ? current : undefined)),
    marksInitialEventsEnd: wantsInitial === true,
    allowBookmarks: isTrue(query, "allowWatchBookmarks"),
    timeoutMs: seconds > 0 ? seconds * 1_000 : defaultTimeoutMs * (1 + Math.random()),
  };
}

function checkInitialEvents(query: URLSearchParams): void {
  const field = "resourceVersionMatch";
  const match = query.get(field) ?? "";
  const hasInitial = query.has("sendInitialEvents");
  const errors: FieldError[] = [];
  if (hasInitial && match !== "NotOlderThan")
    errors.push(forbidden(field, `sendInitialEvents requires setting ${field} to NotOlderThan`));
  if (match !== "") {
    if (!hasInitial)
      errors.push(forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`));
    if (match !== "NotOlderThan") errors.push(notSupported(field, match, ["NotOlderThan"]));
    if ((query.get("continue") ?? "") !== "")
      errors.push(forbidden(field, `${field} is forbidden when continue is provided`));
  }
  if (errors.length > 0) throw invalidObject(options("ListOptions"), "", errors);
}
