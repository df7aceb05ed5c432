import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Hub, PokeName } from "../live/hub.ts";
import { keepOpen } from "../serve.ts";

/**
 * `GET /events`: named pokes, nothing else. Each names what changed; the regions that show it pull themselves by the
 * normal routes, so a lost poke costs nothing and every viewer sees their own filters.
 */
export function serveEvents(hub: Hub, isStillWelcome: (c: Context) => boolean) {
  return (c: Context): Response => {
    if (hub.isFull) return c.text("too many open streams", 503, { "Retry-After": "30" });
    keepOpen(c);
    const lastEventId = c.req.header("Last-Event-ID");
    return streamSSE(c, async (stream) => {
      /** One entry per topic at most: a slow reader hears the latest, never a backlog. */
      const waiting = new Map<PokeName, string>();
      let wake = () => {};
      const stop = hub.listen((poke) => {
        waiting.delete(poke.name);
        waiting.set(poke.name, poke.id);
        wake();
      }, lastEventId);
      stream.onAbort(() => {
        stop();
        wake();
      });
      // The comment makes proxies and the browser see the answer's head at once.
      await stream.write(": open\n\n");
      while (!stream.aborted) {
        const [next] = waiting;
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const [name, id] = next;
        waiting.delete(name);
        if (name === "tick" && !isStillWelcome(c)) break;
        await stream.writeSSE({ event: name, data: "", id });
      }
      stop();
    });
  };
}
