import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { ContainerLog, LogLine } from "../../api/mod.ts";
import { formatLine, LineSplitter, parseLine } from "./log_format.ts";

/** kubelet's containerLogMaxSize. */
const fileBytesMax = 10 * 1024 * 1024;
const readBytes = 64 * 1024;
const lineFeed = 0x0a;

/** Where a reader stands: in which of the files that there were, and how far. */
interface Place {
  generation: number;
  offset: number;
}

/**
 * The log of one run of a container, kept as a container runtime keeps it: a line each in the CRI's format, in a file that
 * becomes `FILE.1` when it is full. Readers pull at their own pace.
 */
export class ContainerLogFile {
  readonly #file: string;
  readonly #bytesMax: number;
  readonly #waiting = new Set<() => void>();
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  #descriptor: number;
  #bytes = 0;
  #generation = 0;
  #hasEnded = false;

  constructor(file: string, bytesMax = fileBytesMax) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#file = file;
    this.#bytesMax = bytesMax;
    this.#descriptor = openSync(file, "w", 0o600);
  }

  append(stream: LogLine["stream"], bytes: Uint8Array): void {
    if (!this.#hasEnded) this.#write(stream, this.#splitters[stream].split(bytes));
  }

  /** The container has ended. */
  end(): void {
    if (this.#hasEnded) return;
    for (const stream of ["stdout", "stderr"] as const) this.#write(stream, this.#splitters[stream].end());
    this.#hasEnded = true;
    closeSync(this.#descriptor);
    this.#wake();
  }

  /** As it is now, and what comes behind it. */
  read(): ContainerLog {
    const older = `${this.#file}.1`;
    const bytes = [older, this.#file].filter((file) => existsSync(file)).map((file) => readFileSync(file));
    const place = { generation: this.#generation, offset: this.#bytes };
    return {
      lines: linesOf(Buffer.concat(bytes)).lines,
      follow: (signal) => this.#follow({ ...place }, signal),
    };
  }

  #write(stream: LogLine["stream"], lines: readonly Pick<LogLine, "text" | "isPartial">[]): void {
    if (lines.length === 0) return;
    const at = new Date().toISOString().replace("Z", "000000Z");
    const bytes = Buffer.concat(lines.map((line) => formatLine({ ...line, at, stream })));
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
    writeSync(this.#descriptor, bytes);
    this.#bytes += bytes.length;
    this.#wake();
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    renameSync(this.#file, `${this.#file}.1`);
    this.#descriptor = openSync(this.#file, "w", 0o600);
    this.#bytes = 0;
    this.#generation++;
  }

  async *#follow(place: Place, signal: AbortSignal): AsyncGenerator<LogLine> {
    while (!signal.aborted) {
      const lines = this.#readOn(place);
      if (lines.length > 0) yield* lines;
      else if (this.#hasEnded) return;
      else await this.#change(signal);
    }
  }

  /** Some lines, and the place behind them. A reader that is two files behind has missed one. */
  #readOn(place: Place): LogLine[] {
    for (;;) {
      const behind = this.#generation - place.generation;
      const file = behind === 1 ? `${this.#file}.1` : this.#file;
      if (behind > 1) Object.assign(place, { generation: this.#generation - 1, offset: 0 });
      if (behind > 1) continue;
      const { lines, length } = linesOf(readPart(file, place.offset));
      place.offset += length;
      if (lines.length > 0 || behind === 0) return lines;
      Object.assign(place, { generation: this.#generation, offset: 0 });
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => this.#waiting.delete(resolve));
  }

  #wake(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of all) resolve();
  }
}

function readPart(file: string, offset: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(readBytes);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, readBytes, offset));
  } finally {
    closeSync(descriptor);
  }
}

/** The whole lines, and how many bytes they take. */
function linesOf(bytes: Buffer): { lines: LogLine[]; length: number } {
  const lines: LogLine[] = [];
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
    lines.push(parseLine(bytes.subarray(start, end)));
    start = end + 1;
  }
  return { lines, length: start };
}
