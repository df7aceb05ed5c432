import { readdirSync } from "node:fs";
import { run, runTolerant } from "#sandbox/lab/mod.ts";

/**
 * A LAN inside namespaces: a bridge, and stations that hang on it by `eth0`, with 10.77.0.10 and fd77::10 and
 * on. Everything is named after this process, and what a dead one left is removed first. Duplicate address detection is
 * off, so that addresses serve at once; {@link detectDuplicates} turns it on.
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
      this.sysctl(name, "net.ipv6.conf.default.accept_dad=0");
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

  address6(name: string): string {
    return `fd77::${10 + this.#names.indexOf(name)}`;
  }

  /** Gives a station a new `eth0`, up and with its address; with a certain index, if it is given. */
  plug(name: string, index?: number): void {
    const peer = ["peer", "name", name, "netns", this.namespace("lan")];
    this.ip(name, "link", "add", "eth0", ...(index ? ["index", `${index}`] : []), "type", "veth", ...peer);
    this.ip("lan", "link", "set", name, "master", "br0", "up");
    this.ip(name, "addr", "add", `${this.address(name)}/24`, "dev", "eth0");
    this.ip(name, "addr", "add", `${this.address6(name)}/64`, "dev", "eth0", "nodad");
    this.ip(name, "link", "set", "eth0", "up");
  }

  sysctl(name: string, setting: string): void {
    run(this.command(name, "sysctl", "-qw", setting));
  }

  /** For the addresses that a station's `eth0` gets from now on. */
  detectDuplicates(name: string, isOn: boolean): void {
    this.sysctl(name, `net.ipv6.conf.eth0.accept_dad=${isOn ? 1 : 0}`);
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

  /** Every MAC that answers, one entry an answer, to so many solicitations of the kernel's neighbour discovery. */
  ndisc6(from: string, address: string, count = 1): string[] {
    const argv = ["ndisc6", "-m", "-n", "-r", "1", "-w", "400", address, "eth0"];
    return Array.from({ length: count }, () => {
      const { stdout } = runTolerant(this.command(from, ...argv));
      return stdout.match(/(?<=link-layer address: )[0-9a-f:]+/gi) ?? [];
    })
      .flat()
      .map((mac) => mac.toLowerCase());
  }

  /** Puts frames on the wire as they are. */
  send(from: string, ...frames: Uint8Array[]): void {
    const child = new URL("./l2_send_child.ts", import.meta.url).pathname;
    const texts = frames.map((frame) => Buffer.from(frame).toString("hex"));
    run(this.command(from, "bun", child, "eth0", `${this.index(from)}`, ...texts));
  }

  index(name: string, device = "eth0"): number {
    return JSON.parse(this.ip(name, "-j", "link", "show", "dev", device))[0].ifindex;
  }

  /** The multicast groups of a station's interface, 32 hexadecimal digits each, as its kernel lists them. */
  groups(name: string, device = "eth0"): string[] {
    const lines = run(this.command(name, "cat", "/proc/net/igmp6")).split("\n");
    return lines.flatMap((line) => {
      const [, at, group = ""] = line.trim().split(/\s+/);
      return at === device ? [group] : [];
    });
  }

  /** The MAC that a station holds for an address in its neighbour cache. */
  neighbour(name: string, address: string): string | undefined {
    const [entry] = JSON.parse(this.ip(name, "-j", "neigh", "show", "to", address, "dev", "eth0") || "[]");
    return entry?.lladdr;
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
