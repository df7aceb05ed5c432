import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

const decoder = new TextDecoder();
const tailBytes = 4096;

/**
 * A log file that never outgrows its bound: at half of it the file becomes `FILE.1`, in place of the one before. A
 * process that is started again writes on where the one before it ended.
 */
export class BoundedLog {
  readonly #file: string;
  readonly #halfBytes: number;
  #descriptor: number;
  #bytes = 0;
  #tail = new Uint8Array();

  constructor(file: string, maxBytes: number) {
    this.#file = file;
    this.#halfBytes = Math.floor(maxBytes / 2);
    this.#descriptor = openSync(file, "a", 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  write(chunk: Uint8Array): void {
    if (this.#bytes > 0 && this.#bytes + chunk.length > this.#halfBytes) this.#rotate();
    writeSync(this.#descriptor, chunk);
    this.#bytes += chunk.length;
    const tail = new Uint8Array(Math.min(tailBytes, this.#tail.length + chunk.length));
    const fresh = chunk.subarray(-tail.length);
    tail.set(this.#tail.subarray(this.#tail.length - (tail.length - fresh.length)));
    tail.set(fresh, tail.length - fresh.length);
    this.#tail = tail;
  }

  /** The last lines written, at most 4 kB of them. */
  lastLines(count: number): string[] {
    return decoder.decode(this.#tail).trimEnd().split("\n").slice(-count);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    renameSync(this.#file, `${this.#file}.1`);
    this.#descriptor = openSync(this.#file, "w", 0o600);
    this.#bytes = 0;
  }
}
