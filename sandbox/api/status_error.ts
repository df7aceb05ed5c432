import { KubeError } from "#k8s/mod.ts";
import { type FieldError, fieldErrorText } from "./field_error.ts";

/** What an error speaks of: enough of a resource to name it. */
export interface Named {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: { reason?: string; message: string; field?: string }[];
  retryAfterSeconds?: number;
}

/** A Status object of kind Failure (api-conventions, "Response Status Kind"), as it is sent and as it is thrown. */
export class StatusError extends KubeError {
  constructor(
    code: number,
    reason: string,
    message: string,
    readonly details?: StatusDetails,
    /** With which a client may go on with the list that failed. */
    readonly continueToken?: string,
  ) {
    super(code, reason, message);
    this.name = "StatusError";
  }
}

export function statusOf(error: StatusError): Record<string, unknown> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: error.continueToken === undefined ? {} : { continue: error.continueToken },
    status: "Failure",
    message: error.message,
    reason: error.reason,
    ...(error.details ? { details: error.details } : {}),
    code: error.code,
  };
}

/** `ipaddresspools.metallb.io`, or `services` in the core group. */
function qualifiedResource({ group, plural }: Named): string {
  return group === "" ? plural : `${plural}.${group}`;
}

export function notFound(resource: Named, name: string): StatusError {
  const text = `${qualifiedResource(resource)} "${name}" not found`;
  return new StatusError(404, "NotFound", text, details(resource, name));
}

/** A path that leads nowhere: no such resource, group or endpoint. */
export function noSuchPath(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(resource: Named, name: string): StatusError {
  const text = `${qualifiedResource(resource)} "${name}" already exists`;
  return new StatusError(409, "AlreadyExists", text, details(resource, name));
}

export function conflict(resource: Named, name: string, why: string): StatusError {
  const text = `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", text, details(resource, name));
}

/** The answer to a stale `resourceVersion`. */
export function modified(resource: Named, name: string): StatusError {
  const why = "the object has been modified; please apply your changes to the latest version and try again";
  return conflict(resource, name, why);
}

export function forbiddenRequest(resource: Named, name: string, why: string): StatusError {
  const text = `${qualifiedResource(resource)} "${name}" is forbidden: ${why}`;
  return new StatusError(403, "Forbidden", text, details(resource, name));
}

/** What a user may not do; `why` begins with who he is. */
export function accessDenied(
  what: string,
  details: { group?: string; kind?: string; name?: string },
  why: string,
) {
  return new StatusError(403, "Forbidden", `${what}${what === "" ? "" : " is "}forbidden: ${why}`, details);
}

export function invalidObject(resource: Named, name: string, errors: readonly FieldError[]): StatusError {
  const kind = resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
  const texts = errors.map(fieldErrorText);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new StatusError(422, "Invalid", `${kind} "${name}" is invalid: ${list}`, {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field: field || "<nil>" })),
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function unauthorized(): StatusError {
  return new StatusError(401, "Unauthorized", "Unauthorized");
}

/** A resourceVersion or continue token older than what is remembered. */
export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

/** A list whose first pages are forgotten; the token goes on from the next key, in what there is now. */
export function expiredList(continueToken: string): StatusError {
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
  return new StatusError(410, "Expired", message, undefined, continueToken);
}

/** A resourceVersion that is yet to come (kubernetes.io "API Concepts", Unavailable resource versions). */
export function tooLargeResourceVersion(wanted: number, current: number): StatusError {
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return new StatusError(504, "Timeout", message, { causes, retryAfterSeconds: 1 });
}

export function methodNotAllowed(verb: string): StatusError {
  return new StatusError(
    405,
    "MethodNotAllowed",
    `${verb} is not supported on resources of kind served here`,
    {},
  );
}

export function unsupportedMediaType(allowed: readonly string[]): StatusError {
  const text = `the body of the request was in an unknown format - accepted media types include: ${allowed.join(", ")}`;
  return new StatusError(415, "UnsupportedMediaType", text);
}

export function tooLarge(maxBytes: number): StatusError {
  return new StatusError(413, "RequestEntityTooLarge", `limit is ${maxBytes}`);
}

function details({ group, plural }: Named, name: string): StatusDetails {
  return { name, ...(group === "" ? {} : { group }), kind: plural };
}
