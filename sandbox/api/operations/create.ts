import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { record } from "../object.ts";
import { trackUpdate } from "../patch/mod.ts";
import { alreadyExists, badRequest, forbiddenRequest, notFound, StatusError } from "../status_error.ts";
import { Stored } from "../store/mod.ts";
import { type ApiContext, timestamp, type WriteOptions } from "./context.ts";
import { draftOf } from "./draft.ts";
import { fromStored } from "./encode.ts";
import { takeManagedFields, writerOf } from "./managed_fields.ts";
import { validateDraft } from "./validate.ts";

/** apiserver/pkg/storage/names: without vowels and digits that look like letters, so that no word comes out. */
const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const generatedNameCharactersMax = 63;

/** POST to a collection. `namespace` is that of the URL, "" for kinds that have none. */
export function createObject(
  context: ApiContext,
  kind: Kind,
  namespace: string,
  body: unknown,
  options: WriteOptions & { readonly isApplied?: boolean },
): Stored {
  const given = takeManagedFields(body);
  const draft = draftOf(body, kind, options);
  if (kind.isCustom && kind.hasStatus) delete draft.status;
  // Before anything that is another at each attempt: a conversion may ask to begin anew.
  const seen = fromStored(draft, kind);
  const { metadata } = draft;
  placeInNamespace(context, kind, namespace, draft);
  const isGenerated =
    !metadata.name && typeof metadata.generateName === "string" && metadata.generateName !== "";
  if (isGenerated) metadata.name = generateName(String(metadata.generateName));
  // Of what a client may send, only these parts of the metadata are its own.
  for (const field of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"]) delete metadata[field];
  if (metadata.resourceVersion) {
    throw badRequest("resourceVersion should not be set on objects to be created");
  }
  delete metadata.resourceVersion;
  delete metadata.generation;
  const time = timestamp(context.now());
  const writer = writerOf(context, kind, options);
  const managedFields = options.isApplied ? given : trackUpdate(undefined, seen, kind.schema, writer, given);
  metadata.uid = crypto.randomUUID();
  metadata.creationTimestamp = time;
  if (kind.hasGeneration) metadata.generation = 1;
  if (managedFields !== undefined) metadata.managedFields = managedFields;
  kind.strategy.prepareForCreate?.(draft, time);

  const collection = context.store.collection(kind.collection);
  const isTaken = collection.get(namespace, metadata.name) !== undefined;
  if (isTaken && isGenerated) {
    throw new StatusError(
      409,
      "AlreadyExists",
      `the server was not able to generate a unique name for the object, please try again`,
    );
  }
  // A taken name is told before anything else that may be wrong only because the object is there already.
  if (isTaken) throw alreadyExists(kind, metadata.name);
  validateDraft(context, kind, draft, undefined, { seen, seenBefore: undefined });
  return options.dryRun ? new Stored(draft, context.store.revision) : collection.insert(draft);
}

function placeInNamespace(context: ApiContext, kind: Kind, namespace: string, draft: KubeObject): void {
  const { metadata } = draft;
  if (!kind.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata.namespace = namespace;
  const home = context.store.collection("namespaces").get("", namespace);
  if (home === undefined) throw notFound({ group: "", plural: "namespaces", kind: "Namespace" }, namespace);
  if (record(home.object, "status").phase !== "Terminating") return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbiddenRequest(kind, metadata.name ?? "", why);
}

function generateName(prefix: string): string {
  const random = crypto.getRandomValues(new Uint8Array(suffixLength));
  const suffix = [...random].map((byte) => suffixAlphabet[byte % suffixAlphabet.length]).join("");
  return prefix.slice(0, generatedNameCharactersMax - suffixLength) + suffix;
}
