import { backoffMs } from "./backoff.ts";
import { type Clock, sleep } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { type KubeClient, KubeError, type KubeObject, type ListOptions, type ResourceType } from "./types.ts";
import { BrokenWatchError } from "./watch_stream.ts";

/** Where a reflector puts what it sees. */
export interface ReflectorSink {
  /** A complete list begins; {@link listEnded} closes it, and what was not listed is gone. */
  listBegan(): void;
  listed(object: KubeObject): void;
  listEnded(): void;
  changed(object: KubeObject): void;
  deleted(object: KubeObject): void;
  /** The watch stands (undefined), or the reason why it does not. */
  connection(problem: string | undefined, isRefused: boolean): void;
}

export interface ReflectorOptions {
  client: KubeClient;
  resource: ResourceType;
  scope: ListOptions;
  sink: ReflectorSink;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  /** Aborts when a new list is wanted, whatever the watch has told; another signal from {@link ReflectorSink.listBegan} on. */
  relist: () => AbortSignal;
}

/** A watch that ends sooner counts as a failure, or a server that closes at once is asked in a loop. */
const watchShortMs = 1_000;
/** Where the watch alone is refused, what changes is still seen by lists, this far apart: ten thousand objects each. */
const unwatchedListMs = 60_000;

/**
 * List, then watch from the list's resourceVersion, for ever (Kubernetes API concepts, "Efficient detection of
 * changes"). A broken watch resumes where it stopped; only an expired resourceVersion asks for a new list.
 */
export async function reflect(options: ReflectorOptions): Promise<void> {
  const { resource, sink, log, clock, signal } = options;
  const cursor: Cursor = {};
  let failures = 0;
  let wasExpired = false;
  while (!signal.aborted) {
    delete cursor.aliveAt;
    let problem: unknown;
    try {
      if (cursor.resourceVersion === undefined) {
        cursor.resourceVersion = await listAll(options);
        cursor.listedAt = clock.steady();
      }
      await watchOn(options, cursor.resourceVersion, cursor);
    } catch (error) {
      problem = error;
    }
    if (signal.aborted) return;
    if (options.relist().aborted) {
      delete cursor.resourceVersion;
      continue;
    }
    if (cursor.aliveAt !== undefined) {
      const isLong = clock.steady() - cursor.aliveAt >= watchShortMs;
      if (isLong || cursor.toldAnything) {
        failures = 0;
        wasExpired = false;
      }
      if (isLong && problem === undefined) continue;
    }
    const words = problem === undefined ? "the server closed the watch at once" : describe(problem);
    if (isExpiredVersion(problem)) {
      delete cursor.resourceVersion;
      log.info("watch expired, listing again", { resource: resource.plural, error: words });
      // The server's ordinary way to ask for a list; twice in a row is not ordinary.
      const isOrdinary = !wasExpired;
      wasExpired = true;
      if (isOrdinary) continue;
    }
    if (isListDue(problem, cursor, clock.steady())) delete cursor.resourceVersion;
    failures++;
    if (problem !== undefined) sink.connection(words, isRefusal(problem));
    const delayMs = Math.max(backoffMs(failures, clock.random()), retryAfterMs(problem));
    const fields = {
      resource: resource.plural,
      error: words,
      attempt: failures,
      retryInMs: Math.round(delayMs),
    };
    if (failures === 1) log.warn("lost the watch", fields);
    else log.debug("still without a watch", fields);
    await sleep(clock, delayMs, AbortSignal.any([signal, options.relist()]));
  }
}

/** How far one reflector has come. */
interface Cursor {
  /** Absent: a list is due. */
  resourceVersion?: string;
  listedAt?: number;
  /** When the present watch opened. */
  aliveAt?: number;
  /** An object, that is, and not only a bookmark. */
  toldAnything?: boolean;
}

async function listAll(options: ReflectorOptions): Promise<string> {
  const { client, resource, scope, sink, signal } = options;
  let version = "";
  sink.listBegan();
  for await (const page of client.pages(resource, { ...scope, signal })) {
    if (signal.aborted) return version;
    for (const object of page.items) sink.listed(object);
    version = page.resourceVersion;
  }
  sink.listEnded();
  sink.connection(undefined, false);
  return version;
}

async function watchOn(options: ReflectorOptions, from: string, cursor: Cursor): Promise<void> {
  const { client, resource, scope, sink, clock, signal } = options;
  // Random, so that a thousand clients that lost one server do not come back to it together ever after.
  const timeoutSeconds = 290 + Math.floor(clock.random() * 291);
  cursor.toldAnything = false;
  const watch = client.watch(resource, from, {
    ...scope,
    signal: AbortSignal.any([signal, options.relist()]),
    timeoutSeconds,
    onOpen: () => {
      cursor.aliveAt = clock.steady();
      sink.connection(undefined, false);
    },
  });
  for await (const { type, object } of watch) {
    if (signal.aborted) return;
    if (type === "DELETED") sink.deleted(object);
    else if (type !== "BOOKMARK") sink.changed(object);
    const version = object.metadata.resourceVersion;
    if (version === undefined)
      throw new Error(`A ${type} event of ${resource.plural} has no resourceVersion`);
    if (type !== "BOOKMARK") cursor.toldAnything = true;
    cursor.resourceVersion = version;
  }
}

/** 410 Gone or Expired, or a version of the future: the server was restored from an older state. */
function isExpiredVersion(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return (
    error.code === 410 || error.reason === "Expired" || /too large resource version/i.test(error.message)
  );
}

/** A stream that cannot be read, or a right to watch that is missing: then only a list tells what is there. */
function isListDue(problem: unknown, { listedAt = 0 }: Cursor, now: number): boolean {
  if (problem instanceof BrokenWatchError) return true;
  return isRefusal(problem) && now - listedAt >= unwatchedListMs;
}

/** The server is there and says no: the kind is not installed, or this account may not read it. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 403 || error.code === 404);
}

function retryAfterMs(error: unknown): number {
  return error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
}

function describe(error: unknown): string {
  if (error instanceof KubeError) return `${error.code} ${error.reason}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
