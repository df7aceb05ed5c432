import { type FieldError, forbidden } from "../field_error.ts";
import type { Kind } from "../kinds/mod.ts";
import type { Selection } from "../operations/mod.ts";
import { invalidObject } from "../status_error.ts";
import type { WatchRequest } from "../watch/mod.ts";
import { count, isTrue, options, revision } from "./query.ts";

/** A real server ends watches that name no timeout after half an hour to an hour; the spread keeps them apart. */
const defaultTimeoutMs = 30 * 60_000;

/** What the query of a watch asks for (kubernetes.io "API Concepts", Semantics for watch; KEP-3157). */
export function watchRequest(kind: Kind, selection: Selection, query: URLSearchParams): WatchRequest {
  const sendsInitialEvents = query.get("sendInitialEvents");
  checkInitialEvents(sendsInitialEvents, query.get("resourceVersionMatch") ?? "");
  const wantsInitial = sendsInitialEvents === null ? undefined : isTrue(query, "sendInitialEvents");
  const start = revision(query);
  const seconds = count(query, "timeoutSeconds");
  const { namespace, labels, fields } = selection;
  return {
    scope: {
      namespace: namespace ?? (kind.namespaced ? fields?.namespace : ""),
      name: fields?.name,
    },
    labels,
    fields,
    startRevision: wantsInitial === true ? undefined : start,
    marksInitialEventsEnd: wantsInitial === true,
    allowBookmarks: isTrue(query, "allowWatchBookmarks"),
    timeoutMs: seconds > 0 ? seconds * 1_000 : defaultTimeoutMs * (1 + Math.random()),
  };
}

function checkInitialEvents(sendsInitialEvents: string | null, match: string): void {
  const errors: FieldError[] = [];
  if (sendsInitialEvents === null) {
    if (match !== "") {
      const detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
      errors.push(forbidden("resourceVersionMatch", detail));
    }
  } else if (match !== "NotOlderThan") {
    const detail =
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, and only that value is allowed";
    errors.push(forbidden("resourceVersionMatch", detail));
  }
  if (errors.length > 0) throw invalidObject(options("ListOptions"), "", errors);
}
