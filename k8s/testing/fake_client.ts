import type { KubeClient, KubeObject } from "../types.ts";
import type { WatchEvent } from "../watch_stream.ts";

/** What one list or watch of a script does: answer, fail, or stay open until the test ends it. */
export type ScriptedList = { items: KubeObject[]; resourceVersion: string } | Error;

/** An open watch in the hands of a test. */
export class ScriptedWatch implements AsyncIterable<WatchEvent> {
  readonly #waiting: (WatchEvent | Error | "end")[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(
    readonly from: string,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.#push(new Error("aborted")));
  }

  send(type: WatchEvent["type"], object: KubeObject): void {
    this.#push({ type, object });
  }

  fail(error: Error): void {
    this.#push(error);
  }

  end(): void {
    this.#push("end");
  }

  #push(step: WatchEvent | Error | "end"): void {
    this.#waiting.push(step);
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    for (;;) {
      const step = this.#waiting.shift();
      if (step === "end") return;
      if (step instanceof Error) throw step;
      if (step) yield step;
      else {
        this.#wake = Promise.withResolvers<void>();
        await this.#wake.promise;
      }
    }
  }
}

/** A {@link KubeClient} for tests: lists come from a script, watches are handed to the test, writes are kept. */
export class FakeClient implements KubeClient {
  readonly lists: ScriptedList[] = [];
  readonly watches: ScriptedWatch[] = [];
  /** Thrown by the next watches, one each. */
  readonly watchFailures: Error[] = [];
  readonly timeouts: number[] = [];
  readonly created: KubeObject[] = [];
  readonly patched: { name: string; body: unknown }[] = [];
  readonly reviewed: unknown[] = [];
  /** Runs before each create and patch; what it throws is the answer. */
  beforeWrite: () => void | Promise<void> = () => {};
  /** resourceVersion of what a patch answers. */
  answerVersion: string | undefined;
  reviewAnswer: unknown = {};
  listCount = 0;

  get openWatch(): ScriptedWatch {
    const last = this.watches.at(-1);
    if (!last) throw new Error("No watch is open");
    return last;
  }

  async get(): Promise<KubeObject> {
    throw new Error("FakeClient does not get");
  }

  async list(): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    throw new Error("FakeClient lists by pages()");
  }

  async *pages(): AsyncGenerator<{ items: KubeObject[]; resourceVersion: string }> {
    this.listCount++;
    const next = this.lists.shift();
    if (!next) throw new Error("The script has no more lists");
    if (next instanceof Error) throw next;
    yield next;
  }

  async create(_resource: unknown, object: KubeObject): Promise<KubeObject> {
    await this.beforeWrite();
    this.created.push(object);
    return object;
  }

  async patch(
    _resource: unknown,
    target: { name: string },
    _type: unknown,
    body: unknown,
  ): Promise<KubeObject> {
    await this.beforeWrite();
    this.patched.push({ name: target.name, body });
    const { answerVersion: resourceVersion } = this;
    return { metadata: { name: target.name, ...(resourceVersion !== undefined && { resourceVersion }) } };
  }

  async remove(): Promise<void> {}

  async *watch(
    _resource: unknown,
    resourceVersion: string,
    options: { signal: AbortSignal; timeoutSeconds: number; onOpen?: () => void },
  ): AsyncGenerator<WatchEvent> {
    this.timeouts.push(options.timeoutSeconds);
    const failure = this.watchFailures.shift();
    if (failure) throw failure;
    const watch = new ScriptedWatch(resourceVersion, options.signal);
    this.watches.push(watch);
    options.onOpen?.();
    yield* watch;
  }

  async review(_resource: unknown, object: unknown): Promise<KubeObject> {
    this.reviewed.push(object);
    return this.reviewAnswer as KubeObject;
  }
}

/** A logger that keeps its lines. */
export function keptLog() {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  return { lines, debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
}
