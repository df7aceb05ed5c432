import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

/** A real BIRD 2 inside a network namespace, asked over its control socket. */
export class Bird {
  readonly #directory = temporaryDirectory("bird");
  readonly #child: Bun.Subprocess;

  private constructor(namespace: string, configuration: string) {
    const file = (name: string) => join(this.#directory, name);
    writeFileSync(file("bird.conf"), `log "${file("log")}" all;\n${configuration}`);
    writeFileSync(file("log"), "");
    const options = ["-f", "-c", file("bird.conf"), "-s", file("bird.ctl"), "-P", file("bird.pid")];
    this.#child = Bun.spawn(["ip", "netns", "exec", namespace, "bird", ...options], {
      stdout: "ignore",
      stderr: "inherit",
    });
  }

  /** Resolves when it answers. */
  static async start(namespace: string, configuration: string): Promise<Bird> {
    const bird = new Bird(namespace, configuration);
    const deadline = performance.now() + 5_000;
    for (;;) {
      try {
        await bird.ask("show status");
        return bird;
      } catch (error) {
        if (performance.now() > deadline) {
          await bird.end();
          throw error;
        }
        await Bun.sleep(5);
      }
    }
  }

  /** `ip netns exec` becomes the program, so that this is BIRD's own process id. */
  get pid(): number {
    return this.#child.pid;
  }

  log(): string {
    return readFileSync(join(this.#directory, "log"), "utf8");
  }

  /** Loads another configuration into the running BIRD. */
  async configure(configuration: string): Promise<void> {
    const path = join(this.#directory, "bird.conf");
    writeFileSync(path, `log "${join(this.#directory, "log")}" all;\n${configuration}`);
    const answer = await this.ask(`configure "${path}"`);
    if (!/Reconfigured|Reconfiguration in progress/.test(answer)) throw new Error(`bird: ${answer}`);
  }

  /** Lines are `NNNN-text`, the last one `NNNN text`; 0000 and other codes below 8000 end a good answer. */
  async ask(command: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let text = "";
    const socket = await Bun.connect({
      unix: join(this.#directory, "bird.ctl"),
      socket: {
        data(_, chunk) {
          text += new TextDecoder().decode(chunk);
          // The greeting is a last line too.
          const ends = text.match(/^\d{4} .*$/gm) ?? [];
          if (ends.length >= 2 && text.endsWith("\n")) resolve(text.replace(/^0001 .*\n/, ""));
        },
        close: () => reject(new Error(`bird closed its control socket at "${command}"`)),
        error: (_, error) => reject(error),
      },
    });
    socket.write(`${command}\n`);
    try {
      return await promise;
    } finally {
      socket.end();
    }
  }

  /** Routes learnt by BGP that BIRD holds. */
  async routeCount(table: "master4" | "master6" = "master4"): Promise<number> {
    const answer = await this.ask(`show route table ${table} where source = RTS_BGP count`);
    return Number(/(\d+) of \d+ routes/.exec(answer)?.[1] ?? Number.NaN);
  }

  async end(): Promise<void> {
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
