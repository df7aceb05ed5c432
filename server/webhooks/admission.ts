import * as v from "valibot";
import { convertObject } from "#core/config/conversion/mod.ts";
import type { ConfigIssue, Resource } from "#core/config/mod.ts";
import type { AdmissionPort, AdmissionRequest } from "../ports.ts";
import { MalformedReview, readReview } from "./review.ts";

const text = v.nullish(v.string(), "");
const labels = v.nullish(v.record(v.string(), v.string()), {});

const object = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({
    name: text,
    generateName: text,
    namespace: text,
    labels,
    annotations: labels,
    deletionTimestamp: v.nullish(v.string()),
  }),
  spec: v.optional(v.unknown()),
});

/** admission.k8s.io/v1 AdmissionReview, as far as it is used. */
const schema = v.object({
  apiVersion: v.literal("admission.k8s.io/v1"),
  kind: v.literal("AdmissionReview"),
  request: v.object({
    uid: v.pipe(v.string(), v.nonEmpty()),
    kind: v.object({ group: v.string(), version: v.string(), kind: v.string() }),
    operation: v.picklist(["CREATE", "UPDATE", "DELETE", "CONNECT"]),
    namespace: text,
    name: text,
    object: v.nullish(object),
    oldObject: v.nullish(object),
  }),
});

type ReviewedObject = v.InferOutput<typeof object>;

/** The answer to one AdmissionReview; undefined while the port does not know the configuration yet. */
export function answerAdmission(kind: string, body: string, port: AdmissionPort): object | undefined {
  const { apiVersion, kind: envelope, request } = readReview("an AdmissionReview", schema, body);
  if (request.kind.group !== "metallb.io" || request.kind.kind !== kind) {
    const asked = `${request.kind.group}/${request.kind.kind}`;
    throw new MalformedReview(`this path reviews metallb.io/${kind}, not ${asked}`);
  }
  const { uid, operation } = request;
  const answer = (response: object) => ({ apiVersion, kind: envelope, response: { uid, ...response } });
  if (operation === "CONNECT") return answer({ allowed: true });
  const missing = operation === "DELETE" ? undefined : request.object ? undefined : "request.object";
  if (missing) throw new MalformedReview(`${missing} is missing, but the operation is ${operation}`);

  const reviewed: AdmissionRequest = {
    operation,
    kind,
    namespace: request.namespace ?? "",
    name: nameOf(request),
    ...(request.object && { object: toResource(request.object, nameOf(request)) }),
    ...(request.oldObject && { oldObject: toResource(request.oldObject, nameOf(request)) }),
    isBeingDeleted: Boolean(request.object?.metadata.deletionTimestamp),
  };
  const verdict = port.review(reviewed);
  if (!verdict) return undefined;
  const { issues, warnings } = verdict;
  return answer({
    allowed: issues.length === 0,
    ...(issues.length > 0 && { status: denial(kind, reviewed.name, issues) }),
    ...(warnings.length > 0 && { warnings }),
  });
}

/** An object that gets its name from the API server has none yet. */
function nameOf({ name, object }: { name: string | null; object?: ReviewedObject | null | undefined }) {
  const { name: own, generateName } = object?.metadata ?? {};
  return name || own || (generateName ? `${generateName}*` : "");
}

/** The version that the configuration is read in; matchPolicy Exact sends others. */
function toResource(reviewed: ReviewedObject, name: string): Resource {
  const { kind, metadata } = reviewed;
  const { labels, annotations, namespace } = metadata;
  return {
    kind,
    metadata: {
      name,
      ...(namespace && { namespace }),
      labels: labels ?? {},
      annotations: annotations ?? {},
    },
    spec: kind === "BGPPeer" ? modernSpec(reviewed) : reviewed.spec,
  };
}

function modernSpec(reviewed: ReviewedObject): unknown {
  const answer = convertObject(reviewed, "metallb.io/v1beta2");
  if ("failed" in answer) throw new MalformedReview(answer.failed);
  return answer.converted.spec;
}

/** What cannot be repaired by other values is forbidden, the rest invalid (metav1.Status). */
const forbidden: ReadonlySet<string> = new Set(["object.namespace", "bfd-profile.in-use"]);

function denial(kind: string, name: string, issues: readonly ConfigIssue[]): object {
  const isForbidden = issues.some(({ code }) => forbidden.has(code));
  return {
    status: "Failure",
    code: isForbidden ? 403 : 422,
    reason: isForbidden ? "Forbidden" : "Invalid",
    message: issues.map(({ message }) => message).join("; "),
    details: {
      group: "metallb.io",
      kind,
      name,
      causes: issues.map(({ path, message }) => ({
        reason: "FieldValueInvalid",
        field: path,
        // The field stands beside it.
        message: message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message,
      })),
    },
  };
}
