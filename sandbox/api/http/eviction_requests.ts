import { evictPod } from "../eviction/mod.ts";
import { isRecord, record, text } from "../object.ts";
import { builtInSchema, decodeAsGoType, pruneUnknown } from "../schema/mod.ts";
import { badRequest, methodNotAllowed } from "../status_error.ts";
import { readObject } from "./body.ts";
import { type Call, deletionOptions } from "./call.ts";
import { replyValue } from "./reply.ts";

/** POST of a policy/v1 Eviction to `pods/<name>/eviction`. */
export async function answerEviction(call: Call, name: string): Promise<Response> {
  const { context, request, kind, namespace = "" } = call;
  if (request.method !== "POST") throw methodNotAllowed(request.method.toLowerCase());
  const schema = builtInSchema("V1Eviction");
  const body = await readObject(request, schema);
  if (!isRecord(body)) throw badRequest("the body of the request must be a JSON object");
  const { apiVersion = "policy/v1", kind: asked = "Eviction" } = body;
  if (apiVersion !== "policy/v1" || asked !== "Eviction") {
    throw badRequest(`the object in the data (${apiVersion} ${asked}) is not a policy/v1 Eviction`);
  }
  pruneUnknown(body, schema);
  decodeAsGoType(body, schema, "Eviction");
  const named = text(record(body, "metadata"), "name");
  if (named !== "" && named !== name) throw badRequest("name in URL does not match name in Eviction object");
  evictPod(context, kind, namespace, name, deletionOptions(call, record(body, "deleteOptions")));
  return replyValue({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, 201);
}
