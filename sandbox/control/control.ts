import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import * as v from "valibot";
import { SandboxError } from "../error.ts";
import { socketDirectory } from "../lab/mod.ts";

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
const answerBytesMax = 1024 * 1024;
const answerTimeoutMs = 30_000;

/** Answers requests on a Unix socket: a line of JSON each way, one request a connection. */
export function serveControl(
  unixSocket: string,
  handle: (request: ControlRequest) => Promise<unknown> | unknown,
): Promise<Server> {
  const server = createServer((socket) => {
    readLine(socket, requestBytesMax)
      .then(async (line) => socket.end(`${JSON.stringify(await answer(line, handle))}\n`))
      .catch(() => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(unixSocket, () => resolve(server));
  });
}

/** The first line that arrives; rejects when the connection fails, ends before, or the line is too long. */
function readLine(socket: Socket, bytesMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > bytesMax) reject(new Error(`a line of more than ${bytesMax} bytes`));
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed without an answer")));
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
export async function askControl(unixSocket: string, request: ControlRequest): Promise<unknown> {
  const socket = createConnection({ path: unixSocket });
  socket.setTimeout(answerTimeoutMs, () => {
    socket.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`));
  });
  socket.write(`${JSON.stringify(request)}\n`);
  const line = await readLine(socket, answerBytesMax).catch((cause: Error) => {
    throw new SandboxError(`Cannot reach the sandbox at ${unixSocket}: ${cause.message}`, { cause });
  });
  socket.destroy();
  const answer: ControlAnswer = JSON.parse(line);
  if (answer.ok) return answer.result;
  throw new SandboxError(answer.message);
}
