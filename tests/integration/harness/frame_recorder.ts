import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { L2Lan } from "./l2_lan.ts";

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

/** Records whole frames as tcpdump sees them arrive at a station, to be sent again. */
export class FrameRecorder {
  readonly #folder = mkdtempSync(join(tmpdir(), "mlbt-frames-"));
  readonly #process;

  private constructor(lan: L2Lan, station: string, filter: string) {
    // Written packet by packet, and by root: a folder of its own is not tcpdump's to write after it drops its rights.
    const argv = [
      "tcpdump",
      "-i",
      "eth0",
      "-n",
      "-U",
      "--immediate-mode",
      "-Z",
      "root",
      "-w",
      this.#file,
      ...filter.split(" "),
    ];
    this.#process = Bun.spawn(lan.command(station, ...argv), { stdout: "ignore", stderr: "pipe" });
  }

  get #file(): string {
    return join(this.#folder, "frames.pcap");
  }

  static async start(lan: L2Lan, station: string, filter: string): Promise<FrameRecorder> {
    const recorder = new FrameRecorder(lan, station, filter);
    await recorder.#listening();
    return recorder;
  }

  /** Its standard error is read to the end: a tcpdump whose words nobody takes is ended by them. */
  #listening(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const read = async () => {
      let said = "";
      for await (const bytes of this.#process.stderr) {
        said += new TextDecoder().decode(bytes);
        if (said.includes("listening on")) resolve();
      }
      reject(new Error(`tcpdump did not start: ${said}`));
    };
    void read();
    return promise;
  }

  /** All frames so far; the recording ends. */
  async frames(): Promise<Uint8Array[]> {
    this.#process.kill("SIGTERM");
    await this.#process.exited;
    const bytes = readFileSync(this.#file);
    const frames: Uint8Array[] = [];
    for (let at = fileHeaderBytes; at + recordHeaderBytes <= bytes.length; ) {
      const length = bytes.readUInt32LE(at + 8);
      at += recordHeaderBytes;
      frames.push(Uint8Array.from(bytes.subarray(at, at + length)));
      at += length;
    }
    return frames;
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
