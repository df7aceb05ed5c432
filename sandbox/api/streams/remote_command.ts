import { StatusError, statusOf } from "../status_error.ts";
import { type Execution, RuntimeError } from "./runtime.ts";
import { closeCode, type MessageSocket, type SocketHandler } from "./socket.ts";

/** The first byte of every message (k8s.io/apimachinery/pkg/util/remotecommand). */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** v5 adds a message that closes one channel, so that a program learns where its input ends. */
export const remoteCommandProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export interface RemoteCommandOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Carries a program's input and output over one WebSocket, its exit code as a Status on the error channel. */
export function remoteCommand(options: RemoteCommandOptions, start: () => Promise<Execution>): SocketHandler {
  const early: Uint8Array[] = [];
  let execution: Execution | undefined;
  let hasClosed = false;

  return {
    open(socket) {
      // As kubelets do: an empty message on the lowest channel says that the connection stands.
      const first = options.stdout ? channel.stdout : options.stderr ? channel.stderr : channel.error;
      void socket.send(Uint8Array.of(first));
      void run(socket);
    },
    message(bytes) {
      if (execution) take(execution, bytes);
      else early.push(bytes);
    },
    closed() {
      hasClosed = true;
      execution?.abandon();
    },
  };

  async function run(socket: MessageSocket): Promise<void> {
    let status: object;
    try {
      execution = await start();
      if (hasClosed) return execution.abandon();
      for (const bytes of early.splice(0)) take(execution, bytes);
      const { stdout, stderr } = execution;
      await Promise.all([
        copy(stdout, socket, options.stdout ? channel.stdout : undefined),
        // A terminal has one output.
        copy(stderr, socket, options.tty ? channel.stdout : options.stderr ? channel.stderr : undefined),
      ]);
      status = exitStatus(await execution.ended);
    } catch (error) {
      status = failure(error);
    }
    await socket.send(Buffer.concat([Uint8Array.of(channel.error), Buffer.from(JSON.stringify(status))]));
    socket.close(closeCode.normal, "");
  }

  function take(program: Execution, bytes: Uint8Array): void {
    const [first] = bytes;
    if (!options.stdin) return;
    if (first === channel.stdin) program.stdin.write(bytes.subarray(1));
    else if (first === channel.close && bytes[1] === channel.stdin) program.stdin.end();
  }

  async function copy(
    from: ReadableStream<Uint8Array>,
    socket: MessageSocket,
    to: number | undefined,
  ): Promise<void> {
    for await (const chunk of from) {
      if (to === undefined) continue;
      const bytes = options.tty ? Buffer.from(chunk).toString("latin1").replaceAll("\n", "\r\n") : chunk;
      await socket.send(Buffer.concat([Uint8Array.of(to), asBytes(bytes)]));
    }
  }
}

/** What a terminal makes of a line feed is done byte by byte, for a chunk may end within a character. */
function asBytes(bytes: Uint8Array | string): Uint8Array {
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

/** As kubelets say it (remotecommand: NonZeroExitCode); kubectl ends with that code. */
function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}

function failure(error: unknown): object {
  const words = error instanceof RuntimeError ? error.message : String((error as Error)?.message ?? error);
  return statusOf(new StatusError(500, "InternalError", `Internal error occurred: ${words}`));
}
