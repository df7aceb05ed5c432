import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type Ask, askOf } from "./ask.ts";
import { type Fault, refusalOf } from "./faults.ts";
import { type Asked, ChunkedAnswer, requestsOf, writeWhole } from "./http_exchange.ts";

/** Who answers behind the proxy: a sandbox API in the process, or `fetch` to another. */
export type Upstream = (request: Request) => Response | Promise<Response>;

interface Injected extends Fault {
  hits: number;
}

/** A fault that is on; {@link lift} ends it, for watches that are open too. */
export interface Injection {
  readonly hits: number;
  lift(): void;
}

/**
 * Stands between clients and a Kubernetes API on loopback and does to their connections what networks, proxies and
 * API servers do on bad days. Every request is counted, also one that is never answered.
 */
export class FaultyProxy {
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #faults = new Set<Injected>();
  readonly #asked: { ask: Ask; at: number }[] = [];

  private constructor(upstream: Upstream) {
    this.#upstream = upstream;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      this.#serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(upstream: Upstream): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(upstream);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  inject(fault: Fault): Injection {
    const injected: Injected = { ...fault, hits: 0 };
    this.#faults.add(injected);
    return {
      get hits() {
        return injected.hits;
      },
      lift: () => void this.#faults.delete(injected),
    };
  }

  liftAll(): void {
    this.#faults.clear();
  }

  /** Requests since `performance.now()` was `since`. */
  asked(since = 0): Ask[] {
    return this.#asked.filter(({ at }) => at >= since).map(({ ask }) => ask);
  }

  /** Resets every connection, open watches with them. */
  resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.resetAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(socket: Socket): Promise<void> {
    for await (const asked of requestsOf(socket)) await this.#answer(socket, asked);
  }

  #take(ask: Ask, ...acts: Fault["act"]["do"][]): Injected | undefined {
    for (const fault of this.#faults) {
      if (!acts.includes(fault.act.do) || fault.only?.(ask) === false) continue;
      if (fault.times !== undefined && fault.hits >= fault.times) continue;
      fault.hits++;
      return fault;
    }
    return undefined;
  }

  async #answer(socket: Socket, asked: Asked): Promise<void> {
    const ask = askOf(asked.method, asked.path, asked.headers.get("user-agent") ?? "");
    this.#asked.push({ ask, at: performance.now() });
    const path = new URL(asked.path, this.url);
    const rewritten = this.#take(ask, "rewrite")?.act;
    if (rewritten?.do === "rewrite")
      for (const [name, value] of Object.entries(rewritten.query)) path.searchParams.set(name, value);
    const act = this.#take(ask, "reset", "swallow", "delay", "answer")?.act;
    if (act?.do === "swallow") return;
    if (act?.do === "reset" && !act.after) {
      socket.resetAndDestroy();
      return;
    }
    if (act?.do === "delay") await Bun.sleep(act.ms);
    if (act?.do === "answer") return writeWhole(socket, refusalOf(act));
    const { method, headers, body } = asked;
    const response = await this.#upstream(new Request(path, { method, headers, ...(body && { body }) }));
    if (act?.do === "reset") {
      await response.body?.cancel();
      socket.resetAndDestroy();
    } else if (ask.verb === "WATCH" && response.ok && response.body) {
      // Not awaited: the connection is the watch's alone, and its end is heard of beside it.
      void this.#pass(socket, ask, response, response.body);
    } else await writeWhole(socket, response);
  }

  /** A watch line by line. A fault that begins while it is open concerns its next line. */
  async #pass(socket: Socket, ask: Ask, response: Response, body: ReadableStream<Uint8Array>): Promise<void> {
    const answer = new ChunkedAnswer(socket, response);
    const reader = body.getReader();
    const stop = () => void reader.cancel().catch(() => {});
    socket.once("close", stop);
    const closing = this.#take(ask, "close")?.act;
    const timer = closing?.do === "close" ? setTimeout(stop, closing.afterMs) : undefined;
    const decoder = new TextDecoder();
    const over = () => {
      clearTimeout(timer);
      socket.removeListener("close", stop);
    };
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) break;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (this.#line(socket, answer, ask, line) === "goes on") continue;
        stop();
        over();
        return;
      }
    }
    over();
    answer.end();
  }

  #line(socket: Socket, answer: ChunkedAnswer, ask: Ask, line: string): "goes on" | "over" {
    const act = line === "" ? undefined : this.#take(ask, "lines")?.act;
    const piece = act?.do === "lines" ? act.edit(line) : { text: `${line}\n` };
    if (piece) answer.write(piece.text);
    if (piece?.end === "close") answer.end();
    // What was written must have left, or the reset takes it away.
    if (piece?.end === "reset") setTimeout(() => socket.resetAndDestroy(), 10);
    return piece?.end === undefined ? "goes on" : "over";
  }
}
