import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { SandboxError } from "./error.ts";
import { socketDirectory } from "./lab/mod.ts";

const part = v.picklist(["speaker", "controller", "agent"]);
const requestSchema = v.variant("verb", [
  v.object({ verb: v.literal("status") }),
  v.object({ verb: v.literal("login") }),
  v.object({ verb: v.literal("stop") }),
  v.object({ verb: v.literal("kill"), part, node: v.optional(v.string()) }),
  v.object({ verb: v.literal("start"), part, node: v.optional(v.string()) }),
  v.object({ verb: v.literal("cut"), station: v.string(), cut: v.picklist(["bridge", "carrier"]) }),
  v.object({ verb: v.literal("heal"), station: v.string() }),
]);

/** What may be asked of a running sandbox. */
export type ControlRequest = v.InferOutput<typeof requestSchema>;
export type Part = v.InferOutput<typeof part>;

type ControlAnswer = { ok: true; result: unknown } | { ok: false; message: string };

/** Of the socket among the sandbox's sockets. */
export const controlName = "control";

/** Where the sandbox of that directory listens. */
export function controlSocket(stateDirectory: string): string {
  return join(socketDirectory(stateDirectory), `${controlName}.sock`);
}

const requestBytesMax = 4096;
const answerTimeoutMs = 30_000;

/** Answers requests on a Unix socket: a line of JSON each way, one request a connection. */
export function serveControl(
  unixSocket: string,
  handle: (request: ControlRequest) => Promise<unknown> | unknown,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received > requestBytesMax) socket.destroy();
    });
    createInterface({ input: socket }).once("line", async (line) => {
      socket.end(`${JSON.stringify(await answer(line, handle))}\n`);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(unixSocket, () => resolve(server));
  });
}

async function answer(
  line: string,
  handle: (request: ControlRequest) => Promise<unknown> | unknown,
): Promise<ControlAnswer> {
  try {
    const request = v.safeParse(requestSchema, JSON.parse(line));
    if (!request.success) return { ok: false, message: `Not a request: ${request.issues[0].message}` };
    return { ok: true, result: (await handle(request.output)) ?? null };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks the sandbox that listens there; throws {@link SandboxError} with its words when it refuses. */
export function askControl(unixSocket: string, request: ControlRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: unixSocket });
    const fail = (message: string) => {
      socket.destroy();
      reject(new SandboxError(message));
    };
    socket.setTimeout(answerTimeoutMs, () =>
      fail(`The sandbox did not answer within ${answerTimeoutMs / 1000} s.`),
    );
    socket.once("error", (error) => fail(`Cannot reach the sandbox at ${unixSocket}: ${error.message}`));
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    const lines = createInterface({ input: socket });
    lines.once("line", (line) => {
      const { ok, result, message } = JSON.parse(line);
      socket.destroy();
      if (ok) resolve(result);
      else reject(new SandboxError(message));
    });
    lines.once("close", () => fail("The sandbox closed the connection without an answer."));
  });
}
