import { type FieldError, invalid } from "../field_error.ts";
import { record, text } from "../object.ts";
import { timestamp } from "../operations/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { badRequest, conflict, invalidObject, type Named, notFound } from "../status_error.ts";
import type { Store, Stored } from "../store/mod.ts";
import { type AccountTokens, apiAudience, type BoundKind, boundKinds } from "./account_tokens.ts";

export const tokenRequestKind = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  schema: builtInSchema("AuthenticationV1TokenRequest"),
};
const resource: Named = { group: tokenRequestKind.group, plural: "tokenrequests", kind: "TokenRequest" };
const serviceAccount: Named = { group: "", plural: "serviceaccounts", kind: "ServiceAccount" };

const defaultSeconds = 3_600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;

/** Answers a TokenRequest for one ServiceAccount (kubernetes.io "TokenRequest v1", checks as a real server words them). */
export function answerTokenRequest(
  tokens: AccountTokens,
  store: Store,
  { namespace, name }: { namespace: string; name: string },
  body: Record<string, unknown>,
) {
  const spec = record(body, "spec");
  const own = { namespace, name };
  for (const field of ["name", "namespace"] as const) {
    const given = text(record(body, "metadata"), field);
    if (given === "" || given === own[field]) continue;
    const detail = `must match the service account ${field} if specified`;
    throw invalidObject(resource, name, [invalid(`metadata.${field}`, given, detail)]);
  }
  const account = store.collection("serviceaccounts").get(namespace, name);
  if (account === undefined) throw notFound(serviceAccount, name);

  const expirationSeconds = Number(spec.expirationSeconds ?? defaultSeconds);
  const errors = durationErrors(expirationSeconds);
  if (errors.length > 0) throw invalidObject(resource, "", errors);
  const asked = Array.isArray(spec.audiences) ? spec.audiences.map(String) : [];
  const audiences = asked.length === 0 ? [apiAudience] : asked;
  const bound = spec.boundObjectRef == null ? undefined : boundObject(store, account, spec);
  const { token, expiresAtMs } = tokens.issue({ account, audiences, expirationSeconds, bound });
  return {
    kind: tokenRequestKind.kind,
    apiVersion: `${tokenRequestKind.group}/${tokenRequestKind.version}`,
    metadata: {
      name,
      namespace,
      creationTimestamp: timestamp(expiresAtMs - expirationSeconds * 1_000),
    },
    spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: timestamp(expiresAtMs) },
  };
}

function durationErrors(seconds: number): FieldError[] {
  const field = "spec.expirationSeconds";
  if (seconds < minSeconds)
    return [invalid(field, seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > maxSeconds)
    return [invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}

/** The object that the token shall die with. It must be there and, where a uid is given, be that very one. */
function boundObject(
  store: Store,
  account: Stored,
  spec: Record<string, unknown>,
): { kind: BoundKind; object: Stored } {
  const asked = record(spec, "boundObjectRef");
  const [apiVersion, kindName, name] = [text(asked, "apiVersion"), text(asked, "kind"), text(asked, "name")];
  const kind = (Object.keys(boundKinds) as BoundKind[]).find((each) => boundKinds[each].kind === kindName);
  if (kind === undefined || apiVersion !== "v1") {
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    throw badRequest(
      `cannot bind token to object of type ${group}/${version}, Kind=${kindName}; allowed are Pod, Secret and Node of v1`,
    );
  }
  const { collection } = boundKinds[kind];
  const object = store.collection(collection).get(kind === "node" ? "" : account.namespace, name);
  const named: Named = { group: "", plural: collection, kind: kindName };
  if (object === undefined) throw notFound(named, name);
  if (kind === "pod" && text(record(object.object, "spec"), "serviceAccountName") !== account.name) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account.name}" to pod running with different serviceaccount name.`,
    );
  }
  const uid = text(asked, "uid");
  if (uid !== "" && uid !== object.object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ ...named, plural: kindName }, name, why);
  }
  return { kind, object };
}
