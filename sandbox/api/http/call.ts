import type { Admission } from "../admission/mod.ts";
import type { EscalationGuard } from "../authorization/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isRecord, record } from "../object.ts";
import type { ApiContext, DeleteOptions, WriteOptions } from "../operations/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { badRequest, notFound } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { User } from "../users.ts";
import { readObject } from "./body.ts";
import type { Presenter } from "./presenter.ts";
import { fieldManagerOf, isDryRun, writeOptions } from "./query.ts";

/** One request for a stored kind, with what all handlers need of it. */
export interface Call {
  readonly context: ApiContext;
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly kind: Kind;
  /** Of the path; absent for all namespaces and for kinds that have none. */
  readonly namespace: string | undefined;
  readonly presenter: Presenter;
  /** Throws where the user may not create: a write may make what is not there. */
  readonly mayCreate: () => void;
  readonly user: User;
  readonly admission: Admission;
  readonly escalation: EscalationGuard;
  /** Asked for in the query; a delete may ask for it in its body too. */
  readonly isDryRun: boolean;
  /** Told to the client beside the answer, as `Warning` headers. */
  readonly warnings: string[];
}

export function optionsOf({ query, request, warnings }: Call): WriteOptions {
  const fieldManager = fieldManagerOf(query, request.headers.get("user-agent"));
  return {
    ...writeOptions(query, (text) => void (warnings.includes(text) || warnings.push(text))),
    fieldManager,
  };
}

export function findStored(
  { context, kind, namespace = "" }: Pick<Call, "context" | "kind" | "namespace">,
  name: string,
): Stored {
  const stored = context.store.collection(kind.collection).get(namespace, name);
  if (stored === undefined) throw notFound(kind, name);
  return stored;
}

/** DeleteOptions come in the body, in the query, or in both. */
export async function deleteOptionsOf(call: Call): Promise<DeleteOptions> {
  const body = await readObject(call.request, builtInSchema("V1DeleteOptions"));
  return deletionOptions(call, isRecord(body) ? body : {});
}

/** `given` are DeleteOptions that came in a body. */
export function deletionOptions(
  { query }: Pick<Call, "query">,
  given: Record<string, unknown>,
): DeleteOptions {
  const policy = given.propagationPolicy ?? query.get("propagationPolicy") ?? undefined;
  if (policy !== undefined && policy !== "Background" && policy !== "Foreground" && policy !== "Orphan") {
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  const inBody = Array.isArray(given.dryRun) ? given.dryRun.map(String) : [];
  return {
    dryRun: isDryRun([...query.getAll("dryRun"), ...inBody]),
    propagationPolicy: policy,
    preconditions: record(given, "preconditions") as { uid?: string; resourceVersion?: string },
  };
}
