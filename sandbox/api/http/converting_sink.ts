import type { Kind } from "../kinds/mod.ts";
import type { ApiContext } from "../operations/mod.ts";
import { StatusError } from "../status_error.ts";
import type { WatchNotice, WatchSink } from "../watch/mod.ts";

/** A watch of a kind that a webhook converts: notices wait for their objects, in their order and all that wait at once. */
export function convertingSink(context: ApiContext, kind: Kind, sink: WatchSink): WatchSink {
  if (!kind.isCustom || kind.conversion === undefined) return sink;
  let waiting: WatchNotice[] = [];
  let isDraining = false;
  let isClosing = false;
  const drain = async () => {
    isDraining = true;
    try {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        await context.conversions.prepare(
          kind,
          batch.flatMap((each) => ("stored" in each ? [each.stored] : [])),
        );
        for (const notice of batch) sink.notify(notice);
      }
    } catch (error) {
      const told =
        error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
      sink.notify({ type: "ERROR", error: told });
      isClosing = true;
    }
    isDraining = false;
    if (isClosing) sink.close();
  };
  return {
    notify(notice) {
      if (isClosing) return;
      waiting.push(notice);
      if (!isDraining) void drain();
    },
    close() {
      isClosing = true;
      if (!isDraining) sink.close();
    },
  };
}
