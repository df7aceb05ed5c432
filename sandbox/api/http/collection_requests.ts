import { isRecord, record, text } from "../object.ts";
import {
  createObject,
  deleteObject,
  listObjects,
  type Pager,
  type Selection,
  selectionOf,
} from "../operations/mod.ts";
import { methodNotAllowed } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { watchStream } from "../watch/mod.ts";
import { type Attempt, admitted } from "./admitted.ts";
import { readObject } from "./body.ts";
import { type Call, deleteOptionsOf, optionsOf } from "./call.ts";
import { convertingSink } from "./converting_sink.ts";
import { listRequest } from "./list_request.ts";
import { isTrue } from "./query.ts";
import { reply, replyRead, replyStream, shown } from "./reply.ts";
import { watchRequest } from "./watch_request.ts";

/** List, watch, create and deletecollection. */
export async function answerCollection(call: Call, pager: Pager): Promise<Response> {
  const { request, kind, namespace } = call;
  switch (request.method) {
    case "GET":
    case "HEAD":
      return isTrue(call.query, "watch") ? watch(call) : list(call, pager);
    case "POST":
      if (kind.namespaced && namespace === undefined) throw methodNotAllowed("create");
      return create(call);
    case "DELETE":
      return deleteCollection(call);
    default:
      throw methodNotAllowed(request.method.toLowerCase());
  }
}

async function list(call: Call, pager: Pager): Promise<Response> {
  const { context, query, kind, namespace, presenter, warnings } = call;
  const key = [namespace, query.get("labelSelector"), query.get("fieldSelector"), kind.collection].join();
  const request = listRequest(query, context.store.revision);
  const page = pager.page(kind, selectionOfCall(call), { ...request, key });
  await context.conversions.prepare(kind, page.items);
  return replyRead(call.request, presenter.list(page), warnings);
}

function watch(call: Call): Response {
  const { context, kind, query, presenter } = call;
  const request = watchRequest(kind, selectionOfCall(call), query, context.store.revision);
  const collection = context.store.collection(kind.collection);
  const body = watchStream(
    (sink) => context.hub.open(collection, request, convertingSink(context, kind, sink)),
    (notice) => presenter.event(notice),
  );
  return replyStream(body, call.warnings);
}

async function create(call: Call): Promise<Response> {
  const { context, request, kind, namespace = "" } = call;
  const options = optionsOf(call);
  const body = await readObject(request, kind.schema);
  const asked = text(record(body, "metadata"), "name");
  const { stored } = await admitted(call, { operation: "CREATE", name: asked }, (attempt) => {
    const { isDryRun: dryRun, replacement, name } = attempt;
    const draft = structuredClone(replacement ?? body);
    if (name !== "" && isRecord(draft) && isRecord(draft.metadata)) draft.metadata.name = name;
    return { stored: createObject(context, kind, namespace, draft, { ...options, dryRun }) };
  });
  return shown(call, stored, 201);
}

async function deleteCollection(call: Call): Promise<Response> {
  const { context, kind, presenter, warnings } = call;
  const options = await deleteOptionsOf(call);
  const collection = context.store.collection(kind.collection);
  const removed: Stored[] = [];
  for (const { namespace, name } of listObjects(context, kind, selectionOfCall(call))) {
    // An owner that went before may have taken this one along.
    if (collection.get(namespace, name) === undefined) continue;
    const remove = ({ isDryRun: dryRun }: Attempt) =>
      deleteObject(context, kind, namespace, name, { ...options, dryRun });
    const one = { ...call, namespace, isDryRun: options.dryRun === true };
    removed.push((await admitted(one, { operation: "DELETE", name }, remove)).stored);
  }
  await context.conversions.prepare(kind, removed);
  return reply(presenter.list({ items: removed, revision: context.store.revision }), 200, warnings);
}

function selectionOfCall({ kind, namespace, query }: Call): Selection {
  const labels = query.get("labelSelector") ?? "";
  return selectionOf(kind, namespace, labels, query.get("fieldSelector") ?? "");
}
