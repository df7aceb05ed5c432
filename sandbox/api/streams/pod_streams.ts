import { record, records, text } from "../object.ts";
import { badRequest, methodNotAllowed, StatusError } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { isTrue, logOptions } from "./log_options.ts";
import { logText } from "./log_text.ts";
import { portForward, portForwardProtocol } from "./port_forward.ts";
import { remoteCommand, remoteCommandProtocols } from "./remote_command.ts";
import { type ContainerRef, type PodRuntime, RuntimeError } from "./runtime.ts";
import { commonProtocol, type SocketHandler, type Upgrade, wantsWebSocket } from "./socket.ts";

const streams = ["log", "exec", "attach", "portforward"] as const;
type Stream = (typeof streams)[number];

export function isPodStream(subresource: string | undefined): subresource is Stream {
  return streams.includes(subresource as Stream);
}

/** Answers `pods/log`, and turns `pods/exec`, `pods/attach` and `pods/portforward` into WebSockets. */
export class PodStreams {
  readonly #runtime: PodRuntime;
  readonly #now: () => number;

  constructor(runtime: PodRuntime, now: () => number) {
    this.#runtime = runtime;
    this.#now = now;
  }

  async handle(
    stream: Stream,
    {
      request,
      query,
      pod,
      upgrade,
    }: { request: Request; query: URLSearchParams; pod: Stored; upgrade: Upgrade },
  ): Promise<Response> {
    if (stream === "log") return this.#log(request, query, pod);
    if (request.method !== "GET" && request.method !== "POST") {
      throw methodNotAllowed(request.method.toLowerCase());
    }
    assertRunning(pod, stream);
    if (stream === "portforward") {
      const of = refOf(pod, containerNames(pod)[0] ?? "");
      return accept(
        request,
        [portForwardProtocol],
        upgrade,
        portForward((port) => this.#runtime.dial(of, port)),
      );
    }
    const options = {
      stdin: isTrue(query.get("stdin")),
      stdout: isTrue(query.get("stdout")),
      stderr: isTrue(query.get("stderr")),
      tty: isTrue(query.get("tty")),
    };
    if (!options.stdin && !options.stdout && !options.stderr) {
      throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
    }
    const of = refOf(pod, chosenContainer(pod, query.get("container") ?? ""));
    const command = query.getAll("command");
    if (stream === "exec" && command.length === 0) throw badRequest("you must specify at least one command");
    const start = () => (stream === "exec" ? this.#runtime.exec(of, command) : this.#runtime.attach(of));
    return accept(request, remoteCommandProtocols, upgrade, remoteCommand(options, start));
  }

  async #log(request: Request, query: URLSearchParams, pod: Stored): Promise<Response> {
    if (request.method !== "GET") throw methodNotAllowed(request.method.toLowerCase());
    const options = logOptions(query, this.#now());
    const container = chosenContainer(pod, options.container);
    const log = await this.#runtime.log(refOf(pod, container), options.previous).catch((error) => {
      throw error instanceof RuntimeError ? badRequest(error.message) : error;
    });
    if (!log) {
      throw badRequest(
        options.previous
          ? `previous terminated container "${container}" in pod "${pod.name}" not found`
          : `container "${container}" in pod "${pod.name}" is waiting to start: ContainerCreating`,
      );
    }
    const ended = new AbortController();
    const lines = logText(log, options, ended.signal);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => ended.abort(),
    });
    return new Response(body, {
      headers: { "Content-Type": "text/plain", "Cache-Control": "no-cache, private" },
    });
  }
}

function accept(
  request: Request,
  protocols: readonly string[],
  upgrade: Upgrade,
  handler: SocketHandler,
): Response {
  if (!wantsWebSocket(request)) {
    throw badRequest(
      "Upgrade request required: a WebSocket, which kubectl 1.31 and newer asks for; SPDY is not served here",
    );
  }
  const protocol = commonProtocol(request, protocols);
  if (protocol === undefined) {
    const offered = request.headers.get("sec-websocket-protocol") ?? "";
    throw badRequest(
      `unable to upgrade: client supports [${offered}], server accepts [${protocols.join(" ")}]`,
    );
  }
  if (!upgrade(protocol, handler)) throw badRequest("Upgrade request required");
  // Whoever has upgraded the connection sends no response any more.
  return new Response(null);
}

function refOf({ namespace, name, object }: Stored, container: string): ContainerRef {
  const status = record(object, "status");
  return {
    namespace,
    pod: name,
    uid: object.metadata.uid ?? "",
    container,
    node: text(record(object, "spec"), "nodeName"),
    podIP: text(status, "podIP"),
    isRunning: text(status, "phase") === "Running",
  };
}

function containerNames({ object }: Stored): string[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    records(object.spec, list).map((container) => text(container, "name")),
  );
}

/** In the words of the API server (registry/core/pod: LogLocation, validateContainer). */
function chosenContainer(pod: Stored, asked: string): string {
  const known = containerNames(pod);
  if (asked === "") {
    const own = records(pod.object.spec, "containers").map((container) => text(container, "name"));
    const [only] = own;
    if (own.length === 1 && only !== undefined) return only;
    throw badRequest(
      `a container name must be specified for pod ${pod.name}, choose one of: [${own.join(" ")}]`,
    );
  }
  if (!known.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${pod.name}`);
  return asked;
}

function assertRunning(pod: Stored, stream: Stream): void {
  if (text(record(pod.object, "spec"), "nodeName") === "") {
    throw badRequest(`pod ${pod.name} does not have a host assigned`);
  }
  const phase = text(record(pod.object, "status"), "phase");
  if (phase !== "Succeeded" && phase !== "Failed") return;
  const what = stream === "portforward" ? "forward a port of" : `${stream} into a container in`;
  throw new StatusError(400, "BadRequest", `cannot ${what} a completed pod; current phase is ${phase}`);
}
