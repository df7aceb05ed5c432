import type { ControllerOptions } from "./options.ts";

export interface RunningController {
  /** The port of console and /metrics, where 0 was asked for. */
  readonly port: number;
  /** Closes everything; what Services hold stays as it is. */
  stop(): Promise<void>;
}

export async function runController(_options: ControllerOptions): Promise<RunningController> {
  throw new Error("Not built yet");
}
