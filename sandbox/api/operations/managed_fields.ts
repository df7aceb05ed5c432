import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import { isRecord } from "../object.ts";
import type { Writer } from "../patch/mod.ts";
import { type ApiContext, timestamp, type WriteOptions } from "./context.ts";

/** The sandbox's own controllers, which need no name of their own. */
const ownManager = "sandbox";

/** Who writes what through which endpoint: a write owns nothing of what its endpoint does not take. */
export function writerOf(
  context: ApiContext,
  kind: Kind,
  { fieldManager }: WriteOptions,
  subresource?: "status" | "scale",
): Writer {
  const writer = {
    manager: fieldManager || ownManager,
    apiVersion: apiVersionOf(kind),
    time: timestamp(context.now()),
    subresource,
  };
  if (subresource !== "status") return kind.hasStatus ? { ...writer, except: ["status"] } : writer;
  return kind.isCustom ? { ...writer, only: ["status"] } : { ...writer, except: ["spec"] };
}

/** Takes the managed fields out of what a client wants: they are read apart from the rest. */
export function takeManagedFields(wanted: unknown): unknown {
  if (!isRecord(wanted) || !isRecord(wanted.metadata)) return undefined;
  const { managedFields } = wanted.metadata;
  delete wanted.metadata.managedFields;
  return managedFields;
}
