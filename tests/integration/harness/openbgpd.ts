import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { run } from "./netns_pair.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A path of `bgpctl -j show rib detail`, as far as tests ask. */
export interface OpenBgpdPath {
  prefix: string;
  aspath: string;
  exit_nexthop: string;
  stale?: boolean;
  localpref?: number;
  neighbor: { remote_addr: string };
  communities?: string[];
  large_communities?: string[];
}

export interface OpenBgpdNeighbor {
  remote_addr: string;
  state: string;
  stats: { prefixes: { received: number }; message: { received: { updates: number } } };
}

/**
 * A real OpenBGPD inside a network namespace, asked by bgpctl. Its children change their root to /run/openbgpd, which
 * Debian makes by systemd: here a /run of its own holds it, and the machine's is not touched.
 */
export class OpenBgpd {
  readonly #directory = temporaryDirectory("openbgpd");
  readonly #child: Bun.Subprocess;

  private constructor(namespace: string, configuration: string) {
    const file = join(this.#directory, "bgpd.conf");
    // Without fib-update it would set routes of the namespace; what can be read by others it refuses.
    writeFileSync(file, `socket "${this.#socket}"\nfib-update no\n${configuration}`, { mode: 0o600 });
    const script = `mount -t tmpfs none /run && mkdir -m755 /run/openbgpd && exec /usr/sbin/bgpd -d -f ${file} 2>${this.#directory}/log`;
    this.#child = Bun.spawn(["ip", "netns", "exec", namespace, "sh", "-c", script], {
      stdout: "ignore",
      stderr: "inherit",
    });
  }

  /** Resolves when it answers. */
  static async start(namespace: string, configuration: string): Promise<OpenBgpd> {
    const router = new OpenBgpd(namespace, configuration);
    await eventually("OpenBGPD answers", () => {
      try {
        return router.neighbors().length > 0;
      } catch {
        return false;
      }
    });
    return router;
  }

  get #socket(): string {
    return join(this.#directory, "bgpd.sock");
  }

  ask(...command: string[]): string {
    return run("bgpctl", "-s", this.#socket, "-j", ...command);
  }

  neighbors(): OpenBgpdNeighbor[] {
    return (JSON.parse(this.ask("show", "neighbor")) as { neighbors: OpenBgpdNeighbor[] }).neighbors;
  }

  /** Every path that it was told, with its attributes. */
  paths(): OpenBgpdPath[] {
    return (JSON.parse(this.ask("show", "rib", "detail", "in")) as { rib?: OpenBgpdPath[] }).rib ?? [];
  }

  /** Its parent ends the children. */
  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 2_000);
    await this.#child.exited;
    clearTimeout(late);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
