/** A script of ours inside a network namespace that answers one JSON line for each JSON line. */
export class LineProcess {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;
  readonly #script: string;

  constructor(namespace: string, script: string) {
    this.#script = script;
    this.#child = Bun.spawn(["ip", "netns", "exec", namespace, process.execPath, script], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#lines = readLines(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async ask(question: unknown): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    await this.#child.stdin.flush();
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#script} ended at ${JSON.stringify(question).slice(0, 100)}`);
    return JSON.parse(value);
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
