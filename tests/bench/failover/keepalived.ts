import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../integration/harness/eventually.ts";
import { isAlive } from "../../integration/harness/temporary.ts";
import type { FailoverCluster } from "./cluster.ts";

const routers = ["vrrp1", "vrrp2"] as const;
const priorities = { vrrp1: 210, vrrp2: 200 };

/** A pair of keepalived, VRRPv3, on the bridge of the speakers, with one address between them. */
export class Keepalived {
  readonly #cluster: FailoverCluster;
  readonly #advertSeconds: number;
  readonly #id: number;
  readonly #running = new Map<string, Bun.Subprocess>();

  /** Two pairs may run side by side: each advertisement interval is a virtual router of its own. */
  constructor(cluster: FailoverCluster, advertSeconds: number) {
    this.#cluster = cluster;
    this.#advertSeconds = advertSeconds;
    this.#id = advertSeconds < 1 ? 51 : 52;
  }

  get address(): string {
    return `10.99.2.${this.#id}`;
  }

  async start(): Promise<void> {
    const at = Date.now();
    for (const router of routers) this.#start(router);
    await this.#leads("vrrp1", at);
  }

  /** kill -9 of the leader; ms until the other's first gratuitous frame, Infinity where it did not come. */
  async failover(): Promise<number> {
    const { witness } = this.#cluster;
    const at = Date.now();
    // The parent first: it would restart its child.
    const child = Number(readFileSync(this.#file("vrrp1", "vrrp.pid"), "utf8"));
    this.#running.get("vrrp1")?.kill("SIGKILL");
    process.kill(child, "SIGKILL");
    const taken = await witness.first(
      at,
      ({ by, address }) => by === "vrrp2" && address === this.address,
      20_000,
    );
    await this.#running.get("vrrp1")?.exited;
    await eventually("the killed child is gone", () => !isAlive(child));
    const backAt = Date.now();
    this.#start("vrrp1");
    await this.#leads("vrrp1", backAt);
    // Its first round of gratuitous frames is followed by another after 5 s; the pair is steady long before.
    await Bun.sleep(500);
    return taken ? taken.atMs - at : Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    for (const child of this.#running.values()) child.kill("SIGTERM");
    await Promise.all([...this.#running.values()].map((child) => child.exited));
  }

  async #leads(router: string, sinceMs: number): Promise<void> {
    const fits = (said: { by: string; address: string }) =>
      said.by === router && said.address === this.address;
    const first = await this.#cluster.witness.first(sinceMs, fits, 30_000);
    if (!first) throw new Error(`keepalived at ${router} does not take ${this.address}`);
  }

  #start(router: (typeof routers)[number]): void {
    const { lan } = this.#cluster;
    const config = this.#file(router, "conf");
    writeFileSync(
      config,
      `global_defs {
         vrrp_version 3
       }
       vrrp_instance bench {
         state BACKUP
         interface eth0
         virtual_router_id ${this.#id}
         priority ${priorities[router]}
         advert_int ${this.#advertSeconds}
         virtual_ipaddress {
           ${this.address}/16
         }
       }`,
    );
    const pids = ["-p", this.#file(router, "pid"), "-r", this.#file(router, "vrrp.pid")];
    const argv = ["keepalived", "--dont-fork", "--log-console", "--vrrp", "-f", config, ...pids];
    const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
    this.#running.set(router, Bun.spawn(lan.command(router, ...argv), quiet));
  }

  #file(router: string, kind: string): string {
    return join(this.#cluster.directory, `keepalived-${this.#id}-${router}.${kind}`);
  }
}
