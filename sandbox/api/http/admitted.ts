import type { KubeObject } from "#k8s/mod.ts";
import type { Operation } from "../admission/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { decodeCopy, fromStored, toStored } from "../operations/mod.ts";
import { modified } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { Call } from "./call.ts";

/** As often a write is judged anew because somebody else wrote meanwhile; a real server retries alike. */
const attemptsMax = 5;

export interface Attempt {
  /** Only works out what would be stored. */
  readonly isDryRun: boolean;
  /** What mutating webhooks made of it, in the version of the request: to be written in place of what was asked. */
  readonly replacement: KubeObject | undefined;
  /** The name that a dry run generated. */
  readonly name: string;
}

/**
 * A write with its webhooks. Operations are one step of one thread and webhooks are not: so the write is tried without
 * storing anything, what came out is judged, and it is done only if the object is still what it was.
 */
export async function admitted<Result extends { stored: Stored }>(
  call: Call,
  {
    operation,
    name,
    subresource = "",
  }: { operation: Operation; name: string; subresource?: string | undefined },
  asked: (attempt: Attempt) => Result,
): Promise<Result> {
  const attempt = operation === "DELETE" ? asked : withinRights(call, name, asked);
  const { context, kind, namespace = "", admission, user, isDryRun, warnings } = call;
  const first: Attempt = { isDryRun, replacement: undefined, name };
  const equivalents = () =>
    [...context.registry.all()].filter((each) => each.collection === kind.collection && each !== kind);
  if (!admission.isAskedOf({ kind, equivalents, subresource, operation }))
    return await context.conversions.run(() => attempt(first));
  const collection = context.store.collection(kind.collection);
  for (let count = 0; count < attemptsMax; count++) {
    const before = name === "" ? undefined : collection.get(namespace, name);
    const preview = (await context.conversions.run(() => attempt({ ...first, isDryRun: true }))).stored;
    await context.conversions.prepare(kind, before === undefined ? [preview] : [preview, before]);
    const isUpdate = operation === "UPDATE" && before !== undefined;
    const write = {
      operation: operation === "UPDATE" && before === undefined ? ("CREATE" as const) : operation,
      ...{ kind, equivalents, subresource, namespace, user, isDryRun },
      name: preview.name,
      object: operation === "DELETE" ? undefined : decodeCopy(preview, kind),
      oldObject: before && (isUpdate || operation === "DELETE") ? decodeCopy(before, kind) : undefined,
      namespaceLabels: kind.namespaced
        ? (context.store.collection("namespaces").get("", namespace)?.object.metadata.labels ?? {})
        : undefined,
      convert: (object: KubeObject, from: Kind, to: Kind) =>
        context.conversions.run(() => fromStored(toStored(structuredClone(object), from), to)),
      warn: (text: string) => void (warnings.includes(text) || warnings.push(text)),
    };
    const replacement = await admission.mutate(write);
    await admission.validate({ ...write, object: replacement ?? write.object });
    const done = await context.conversions.run(() => {
      if (name !== "" && collection.get(namespace, name) !== before) return undefined;
      return attempt({ isDryRun, replacement, name: preview.name });
    });
    if (done !== undefined) return done;
  }
  throw modified(kind, name);
}

/** A write of a role or binding is judged by what would be stored, after all webhooks, in one step with the write. */
function withinRights<Result extends { stored: Stored }>(
  { context, kind, namespace = "", user, escalation, request }: Call,
  name: string,
  attempt: (attempt: Attempt) => Result,
): (attempt: Attempt) => Result {
  if (!escalation.isAskedOf(kind, user)) return attempt;
  const verb = request.method === "POST" ? "create" : request.method === "PATCH" ? "patch" : "update";
  return (given) => {
    const before = context.store.collection(kind.collection).get(namespace, name)?.object;
    const preview = attempt({ ...given, isDryRun: true });
    escalation.check({ kind, user, verb, before, after: preview.stored.object });
    return given.isDryRun ? preview : attempt(given);
  };
}
