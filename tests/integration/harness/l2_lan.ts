import { readdirSync } from "node:fs";
import { run, runTolerant } from "#sandbox/lab/mod.ts";

/**
 * A LAN inside namespaces: a bridge, and stations that hang on it by `eth0`, with 10.77.0.10 and on. Everything is
 * named after this process, and what a dead one left is removed first.
 */
export class L2Lan {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    removeLeftovers();
    this.#names = names;
    run(["ip", "netns", "add", this.namespace("lan")]);
    this.ip("lan", "link", "add", "br0", "type", "bridge");
    this.ip("lan", "link", "set", "br0", "up");
    for (const name of names) {
      run(["ip", "netns", "add", this.namespace(name)]);
      this.ip(name, "link", "set", "lo", "up");
      this.plug(name);
    }
  }

  namespace(name: string): string {
    return `mlbt-${process.pid}-l2-${name}`;
  }

  address(name: string): string {
    return `10.77.0.${10 + this.#names.indexOf(name)}`;
  }

  /** Gives a station a new `eth0`, up and with its address; with a certain index, if it is given. */
  plug(name: string, index?: number): void {
    const peer = ["peer", "name", name, "netns", this.namespace("lan")];
    this.ip(name, "link", "add", "eth0", ...(index ? ["index", `${index}`] : []), "type", "veth", ...peer);
    this.ip("lan", "link", "set", name, "master", "br0", "up");
    this.ip(name, "addr", "add", `${this.address(name)}/24`, "dev", "eth0");
    this.ip(name, "link", "set", "eth0", "up");
  }

  ip(name: string, ...args: string[]): string {
    return run(["ip", "-n", this.namespace(name), ...args]);
  }

  mac(name: string, device = "eth0"): string {
    const [link] = JSON.parse(this.ip(name, "-j", "link", "show", "dev", device));
    return link.address;
  }

  /** The command line that runs a program in a station. */
  command(name: string, ...argv: string[]): string[] {
    return ["ip", "netns", "exec", this.namespace(name), ...argv];
  }

  /** Every MAC that answers, one entry an answer, to so many requests 50 ms apart. */
  arping(from: string, address: string, count = 3, ...options: string[]): string[] {
    const argv = ["arping", "-r", "-c", String(count), "-W", "0.05", "-I", "eth0", ...options, address];
    return runTolerant(this.command(from, ...argv)).stdout.match(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/g) ?? [];
  }

  remove(): void {
    for (const name of [...this.#names, "lan"]) runTolerant(["ip", "netns", "del", this.namespace(name)]);
  }
}

function removeLeftovers(): void {
  for (const name of readdirSync("/run/netns", { withFileTypes: true }).map((entry) => entry.name)) {
    const [, pid] = /^mlbt-(\d+)-l2-/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const pids = runTolerant(["ip", "netns", "pids", name]).stdout.split(/\s+/).filter(Boolean);
    for (const each of pids) process.kill(Number(each), "SIGKILL");
    runTolerant(["ip", "netns", "del", name]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
