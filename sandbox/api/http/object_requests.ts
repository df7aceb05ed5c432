import type { Kind } from "../kinds/mod.ts";
import { createObject, deleteObject, patchObject, updateObject } from "../operations/mod.ts";
import { methodNotAllowed } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { admitted } from "./admitted.ts";
import { readObject, readPatch } from "./body.ts";
import { type Call, deleteOptionsOf, findStored, optionsOf } from "./call.ts";
import { checkNotFuture } from "./list_request.ts";
import { isForced, isTrue, revision } from "./query.ts";
import { reply, shown } from "./reply.ts";

/** Get, update, patch and delete of one object, and the first three of its status. */
export async function answerObject(call: Call, name: string, subresource?: "status"): Promise<Response> {
  const { context, request, query, kind, namespace = "", warnings } = call;
  const target = { namespace, name, subresource };
  const write = { operation: "UPDATE", name, subresource } as const;
  switch (request.method) {
    case "GET":
    case "HEAD":
      if (isTrue(query, "watch")) throw methodNotAllowed("watch");
      checkNotFuture(revision(query), context.store.revision);
      return shown(call, findStored(call, name), 200);
    case "PUT": {
      const body = await readObject(request, kind.schema);
      const options = { ...optionsOf(call), isPut: true };
      const { stored } = await admitted(call, write, ({ isDryRun: dryRun, replacement }) => {
        const change = () => structuredClone(replacement ?? body);
        return { stored: updateObject(context, kind, target, change, { ...options, dryRun }) };
      });
      return shown(call, stored, 200);
    }
    case "PATCH": {
      const { kind: patchKind, patch } = await readPatch(request);
      const isApplied = patchKind === "apply";
      const options = { ...optionsOf(call), force: isForced(query, isApplied), mayCreate: call.mayCreate };
      // An apply says who applies; the name of a program is no configuration's owner.
      if (isApplied) options.fieldManager = query.get("fieldManager") ?? undefined;
      const { stored, isCreated } = await admitted(call, write, ({ isDryRun: dryRun, replacement }) => {
        // What webhooks made of an apply has the managed fields of the apply.
        const all = { ...options, dryRun, isApplied: isApplied && replacement !== undefined };
        // An attempt may change what it is given, and there may be another attempt.
        const wanted = structuredClone(replacement ?? patch);
        if (replacement === undefined) return patchObject(context, kind, target, patchKind, wanted, all);
        if (context.store.collection(kind.collection).get(namespace, name) === undefined)
          return { stored: createObject(context, kind, namespace, wanted, all), isCreated: true };
        return { stored: updateObject(context, kind, target, () => wanted, all), isCreated: false };
      });
      return shown(call, stored, isCreated ? 201 : 200);
    }
    case "DELETE": {
      if (subresource !== undefined) throw methodNotAllowed("delete");
      const options = await deleteOptionsOf(call);
      const removal = { operation: "DELETE", name } as const;
      const { isGone, stored } = await admitted(
        { ...call, isDryRun: options.dryRun === true },
        removal,
        ({ isDryRun: dryRun }) => deleteObject(context, kind, namespace, name, { ...options, dryRun }),
      );
      if (!isGone) return shown(call, stored, 200);
      return reply(JSON.stringify(deleted(kind, stored)), 200, warnings);
    }
    default:
      throw methodNotAllowed(request.method.toLowerCase());
  }
}

function deleted({ group, plural }: Kind, { name, object }: Stored): Record<string, unknown> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(group === "" ? {} : { group }), kind: plural, uid: object.metadata.uid },
  };
}
