import type { Kind } from "../kinds/mod.ts";
import { type ApiContext, deleteObject } from "../operations/mod.ts";
import type { Stored } from "../store/mod.ts";
import type { Scheduler } from "../watch/mod.ts";

/** A real server's `--event-ttl`. */
const eventLifetimeMs = 60 * 60_000;
const sweepPeriodMs = 60_000;

/** Forgets events an hour after they were last written, so that a sandbox may run for days. Returns its end. */
export function runEventExpiry(context: ApiContext, scheduler: Scheduler): () => void {
  const { store, registry, now } = context;
  const kind = registry.find("", "v1", "events") as Kind;
  const events = store.collection("events");
  /** When each event was last written, oldest first: a rewritten one goes to the end. */
  const writtenAt = new Map<string, { namespace: string; name: string; at: number }>();
  const written = ({ namespace, name }: Stored) => {
    const key = `${namespace}/${name}`;
    writtenAt.delete(key);
    writtenAt.set(key, { namespace, name, at: now() });
  };
  // Those of an earlier run count from now: when they were last written is not kept.
  for (const stored of events.list()) written(stored);
  events.subscribe({}, ({ type, after }) => {
    if (type === "DELETED") writtenAt.delete(`${after.namespace}/${after.name}`);
    else written(after);
  });
  return scheduler.every(sweepPeriodMs, () => {
    for (const { namespace, name, at } of writtenAt.values()) {
      if (now() - at < eventLifetimeMs) return;
      deleteObject(context, kind, namespace, name);
    }
  });
}
