import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { run } from "./netns_pair.ts";
import { temporaryDirectory } from "./temporary.ts";

interface Path {
  nlri: { prefix: string };
  attrs: { type: number; nexthop?: string }[];
  stale?: boolean;
}

/** A real GoBGP inside a network namespace, asked by its command line. */
export class GoBgp {
  readonly #directory = temporaryDirectory("gobgp");
  readonly #namespace: string;
  readonly #child: Bun.Subprocess;

  private constructor(namespace: string, configuration: string) {
    this.#namespace = namespace;
    const file = join(this.#directory, "gobgpd.toml");
    writeFileSync(file, configuration);
    const options = ["-f", file, "--api-hosts", "127.0.0.1:50051", "--pprof-disable"];
    this.#child = Bun.spawn(["ip", "netns", "exec", namespace, "gobgpd", ...options], {
      stdout: "ignore",
      stderr: "ignore",
    });
  }

  /** Resolves when it answers. */
  static async start(namespace: string, configuration: string): Promise<GoBgp> {
    const gobgp = new GoBgp(namespace, configuration);
    await eventually("GoBGP answers", () => {
      try {
        return gobgp.ask("global");
      } catch {
        return undefined;
      }
    });
    return gobgp;
  }

  ask(...command: string[]): string {
    return run("ip", "netns", "exec", this.#namespace, "gobgp", "-j", ...command);
  }

  /** Its paths by prefix. */
  table(family: "ipv4" | "ipv6"): Map<string, Path> {
    const text = this.ask("global", "rib", "-a", family).trim();
    const routes = (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, Path[]>;
    return new Map(Object.entries(routes).flatMap(([prefix, [path]]) => (path ? [[prefix, path]] : [])));
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
