import { scaleOf, updateScale } from "../operations/mod.ts";
import { applyJsonPatch, applyMergePatch } from "../patch/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { methodNotAllowed } from "../status_error.ts";
import { readObject, readPatch } from "./body.ts";
import { type Call, findStored, optionsOf } from "./call.ts";
import { replyValue } from "./reply.ts";

/** Get, update and patch of the `scale` subresource. */
export async function answerScale(call: Call, name: string): Promise<Response> {
  const { context, request, kind, namespace = "" } = call;
  const options = optionsOf(call);
  const write = (change: (current: unknown) => unknown) =>
    replyValue(scaleOf(updateScale(context, kind, { namespace, name }, change, options), kind));
  switch (request.method) {
    case "GET":
      return replyValue(scaleOf(findStored(call, name), kind));
    case "PUT": {
      const body = await readObject(request, builtInSchema("V1Scale"));
      return write(() => body);
    }
    case "PATCH": {
      const { kind: patchKind, patch } = await readPatch(request);
      // A Scale has no lists, so that a strategic merge and an apply are merges.
      return write((current) =>
        patchKind === "json" ? applyJsonPatch(current, patch) : applyMergePatch(current, patch),
      );
    }
    default:
      throw methodNotAllowed(request.method.toLowerCase());
  }
}
