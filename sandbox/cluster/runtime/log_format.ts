import type { LogLine } from "../../api/mod.ts";

/** containerd's max_container_log_line_size: longer lines are cut, and the pieces marked. */
const lineBytesMax = 16 * 1024;
const lineFeed = 0x0a;
const space = 0x20;

/** `2026-01-02T03:04:05.678000000Z stdout F text` (CRI, "Kubelet CRI Logging"): P where a line feed is still to come. */
export function formatLine({ at, stream, text, isPartial }: LogLine): Buffer {
  const head = Buffer.from(`${at} ${stream} ${isPartial ? "P" : "F"} `);
  return Buffer.concat([head, text, Uint8Array.of(lineFeed)]);
}

/** Of a line without its line feed, which {@link formatLine} has made. */
export function parseLine(line: Buffer): LogLine {
  const first = line.indexOf(space);
  const second = line.indexOf(space, first + 1);
  const third = line.indexOf(space, second + 1);
  return {
    at: line.toString("latin1", 0, first),
    stream: line.toString("latin1", first + 1, second) === "stderr" ? "stderr" : "stdout",
    text: line.subarray(third + 1),
    isPartial: line[second + 1] === "P".charCodeAt(0),
  };
}

/** Cuts what a program writes into lines; what has no end yet waits for it. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array();

  split(bytes: Uint8Array): Pick<LogLine, "text" | "isPartial">[] {
    const lines: { text: Uint8Array; isPartial: boolean }[] = [];
    let left = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = left.indexOf(lineFeed);
      if (end >= 0 && end <= lineBytesMax) {
        lines.push({ text: left.subarray(0, end), isPartial: false });
        left = left.subarray(end + 1);
      } else if (left.length > lineBytesMax) {
        lines.push({ text: left.subarray(0, lineBytesMax), isPartial: true });
        left = left.subarray(lineBytesMax);
      } else break;
    }
    this.#rest = left;
    return lines;
  }

  /** No more comes: the rest is a line without an end. */
  end(): Pick<LogLine, "text" | "isPartial">[] {
    const text = this.#rest;
    this.#rest = new Uint8Array();
    return text.length === 0 ? [] : [{ text, isPartial: true }];
  }
}
