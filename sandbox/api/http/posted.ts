import { isRecord } from "../object.ts";
import type { ReviewKind } from "../reviews/mod.ts";
import { applyDefaults, decodeAsGoType, pruneUnknown, type Schema } from "../schema/mod.ts";
import { badRequest, methodNotAllowed } from "../status_error.ts";
import { type AccountTokens, answerTokenRequest, tokenRequestKind } from "../tokens/mod.ts";
import type { User } from "../users.ts";
import { readObject } from "./body.ts";
import type { Call } from "./call.ts";
import { replyValue } from "./reply.ts";

/** Answers an object that is posted and not kept. */
export async function answerReview(
  request: Request,
  review: ReviewKind,
  user: User,
  namespace = "",
): Promise<Response> {
  const body = await readPosted(request, review);
  const { group, version: apiVersion, kind } = review;
  return replyValue(
    {
      kind,
      apiVersion: `${group}/${apiVersion}`,
      metadata: { ...(namespace && { namespace }), creationTimestamp: null },
      ...(body.spec === undefined ? {} : { spec: body.spec }),
      status: review.answer(body, user, namespace),
    },
    201,
  );
}

/** POST to the `token` subresource of a ServiceAccount. */
export async function answerToken(
  tokens: AccountTokens,
  { request, context, namespace = "" }: Pick<Call, "request" | "context" | "namespace">,
  name: string,
): Promise<Response> {
  const body = await readPosted(request, tokenRequestKind);
  return replyValue(answerTokenRequest(tokens, context.store, { namespace, name }, body), 201);
}

async function readPosted(
  request: Request,
  { kind, schema }: { kind: string; schema: Schema },
): Promise<Record<string, unknown>> {
  if (request.method !== "POST") throw methodNotAllowed(request.method.toLowerCase());
  const body = (await readObject(request, schema)) ?? {};
  if (!isRecord(body)) throw badRequest("the body of the request must be a JSON object");
  if (body.kind !== undefined && body.kind !== kind)
    throw badRequest(`the kind in the data (${body.kind}) is not ${kind}`);
  pruneUnknown(body, schema);
  decodeAsGoType(body, schema, kind);
  applyDefaults(body, schema);
  return body;
}
