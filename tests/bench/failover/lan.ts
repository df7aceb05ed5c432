import { readdirSync } from "node:fs";
import { run, runTolerant } from "#sandbox/lab/mod.ts";
import { isAlive } from "../../integration/harness/temporary.ts";

/** Where the witness stands; as every node's default gateway it is also the ring's witness. */
export const gateway = "10.99.0.1";
const apiNumber = 5;
const firstNode = 11;
const firstRouter = 200;

export interface Station {
  readonly name: string;
  readonly mac: string;
  /** On the LAN, where addresses are announced. */
  readonly address: string;
  /** On the second network, where there is one. */
  readonly second?: string;
}

/**
 * A bridge in a namespace of its own and stations around it: `witness`, `api`, node1 and on, and two routers for VRRP.
 * With a second network each station but the witness has `eth1` there. Nothing outside the namespaces is touched.
 */
export class Lan {
  readonly stations: readonly Station[];
  readonly #links: Bun.Subprocess<"pipe", "ignore", "inherit">;

  constructor(
    nodes: readonly string[],
    readonly hasSecond: boolean,
  ) {
    removeLeftovers();
    const numbers = new Map([
      ["witness", 1],
      ["api", apiNumber],
      ...nodes.map((name, index): [string, number] => [name, firstNode + index]),
      ["vrrp1", firstRouter],
      ["vrrp2", firstRouter + 1],
    ]);
    this.stations = [...numbers].map(([name, number]) => ({
      name,
      mac: `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`,
      address: `10.99.0.${number}`,
      ...(hasSecond && name !== "witness" && { second: `10.98.0.${number}` }),
    }));
    this.#make();
    // Takes commands without the start of a process: what is measured begins when the line is written.
    this.#links = Bun.spawn(["ip", "-n", this.namespace("lan"), "-force", "-batch", "-"], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
    });
  }

  namespace(name: string): string {
    return `mlbt-${process.pid}-fo-${name}`;
  }

  station(name: string): Station {
    const found = this.stations.find((station) => station.name === name);
    if (!found) throw new Error(`There is no station "${name}".`);
    return found;
  }

  /** Where the station is reached by others of its kind: the second network, where there is one. */
  reached(name: string): string {
    const { second, address } = this.station(name);
    return second ?? address;
  }

  /** The command line that runs a program at a station. */
  command(name: string, ...argv: string[]): string[] {
    return ["ip", "netns", "exec", this.namespace(name), ...argv];
  }

  /** The bridge's end of the station's cable goes down: the station loses its carrier. */
  async pull(name: string): Promise<void> {
    await this.#link(`link set ${name} down`);
  }

  async plug(name: string): Promise<void> {
    await this.#link(`link set ${name} up`);
  }

  /** Links stay up and nothing passes, neither in nor out. */
  cut(name: string): void {
    run(["ip", "netns", "exec", this.namespace("lan"), "nft", `add element bridge cut cut { "${name}" }`]);
  }

  heal(name: string): void {
    run(["ip", "netns", "exec", this.namespace("lan"), "nft", `delete element bridge cut cut { "${name}" }`]);
  }

  /** Each packet that comes to the station is lost with this probability. */
  lose(name: string, percent: number): void {
    const rules = `
      table netdev loss {
        chain in {
          type filter hook ingress device eth0 priority 0;
          numgen random mod 100 < ${percent} counter drop
        }
      }`;
    run(this.command(name, "nft", "-f", "-"), rules);
  }

  /** How many packets {@link lose} has dropped at the station. */
  lost(name: string): number {
    const shown = run(this.command(name, "nft", "list", "chain", "netdev", "loss", "in"));
    return Number(/packets (\d+)/.exec(shown)?.[1]);
  }

  remove(): void {
    this.#links.kill();
    for (const name of [...this.stations.map((station) => station.name), "lan"])
      runTolerant(["ip", "netns", "del", this.namespace(name)]);
  }

  async #link(line: string): Promise<void> {
    this.#links.stdin.write(`${line}\n`);
    await this.#links.stdin.flush();
  }

  #make(): void {
    const lan = this.namespace("lan");
    const bridges = this.hasSecond ? ["br0", "br1"] : ["br0"];
    run(["ip", "netns", "add", lan]);
    for (const bridge of bridges) {
      batch(lan, [
        `link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
        `link set ${bridge} up`,
      ]);
    }
    for (const { name, mac, address, second } of this.stations) {
      run(["ip", "netns", "add", this.namespace(name)]);
      batch(lan, [
        `link add ${name} type veth peer name eth0 address ${mac} netns ${this.namespace(name)}`,
        `link set ${name} master br0 up`,
        ...(second === undefined
          ? []
          : [
              `link add ${name}-2 type veth peer name eth1 netns ${this.namespace(name)}`,
              `link set ${name}-2 master br1 up`,
            ]),
      ]);
      batch(this.namespace(name), [
        "link set lo up",
        `addr add ${address}/16 dev eth0`,
        "link set eth0 up",
        ...(second === undefined ? [] : [`addr add ${second}/16 dev eth1`, "link set eth1 up"]),
        ...(address === gateway ? [] : [`route add default via ${gateway}`]),
      ]);
    }
    const rules = `
      table bridge cut {
        set cut { type ifname; }
        chain forward {
          type filter hook forward priority 0;
          iifname @cut drop; oifname @cut drop
        }
      }`;
    run(["ip", "netns", "exec", lan, "nft", "-f", "-"], rules);
  }
}

function batch(namespace: string, lines: readonly string[]): void {
  run(["ip", "-n", namespace, "-batch", "-"], `${lines.join("\n")}\n`);
}

function removeLeftovers(): void {
  for (const name of readdirSync("/run/netns")) {
    const [, pid] = /^mlbt-(\d+)-fo-/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const pids = runTolerant(["ip", "netns", "pids", name]).stdout.split(/\s+/).filter(Boolean);
    for (const each of pids) process.kill(Number(each), "SIGKILL");
    runTolerant(["ip", "netns", "del", name]);
  }
}
