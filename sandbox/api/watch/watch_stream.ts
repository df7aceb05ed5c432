import type { WatchNotice, WatchSink } from "./watch_hub.ts";

/** A client that lets more than this pile up is cut off, as a real server does; it resumes from its last event. */
const pendingBytesMax = 64 * 1024 * 1024;

const newline = new TextEncoder().encode("\n");

/**
 * The body of a watch response: one JSON document a line. Starts with an empty line, because Bun sends no header before
 * the first byte of the body, and clients skip white space between documents.
 */
export function watchStream(
  open: (sink: WatchSink) => () => void,
  encode: (notice: WatchNotice) => Uint8Array,
): ReadableStream<Uint8Array> {
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOpen = true;
        let waiting: Uint8Array[] = [newline];
        const close = () => {
          if (!isOpen) return;
          isOpen = false;
          controller.close();
        };
        /** Frames of one turn leave as one chunk: the thousands of a first list cost one write. */
        const flush = () => {
          if (!isOpen || waiting.length === 0) return;
          const chunk = waiting.length === 1 ? (waiting[0] as Uint8Array) : Buffer.concat(waiting);
          waiting = [];
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) > -pendingBytesMax) return;
          stop();
          close();
        };
        const sink: WatchSink = {
          notify(notice) {
            if (!isOpen) return;
            if (waiting.length === 0) queueMicrotask(flush);
            waiting.push(encode(notice));
          },
          close() {
            flush();
            close();
          },
        };
        const stopWatch = open(sink);
        stop = () => {
          isOpen = false;
          stopWatch();
        };
        flush();
      },
      cancel() {
        stop();
      },
    },
    { highWaterMark: 1, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
