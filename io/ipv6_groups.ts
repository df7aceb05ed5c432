import { readFileSync } from "node:fs";
import { ipv6Bytes } from "#core/l2/mod.ts";
import { AF_INET6, ENOBUFS, ENOMEM, libc, SOCK_DGRAM, SystemError } from "./libc.ts";
import { openSocket, setBytesOption } from "./socket.ts";

const IPPROTO_IPV6 = 41;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;

/**
 * IPv6 multicast groups joined on one interface by the kernel, which tells switches that snoop (MLD, RFC 3810) and sets
 * the network card's filter. Nothing is received here.
 *
 * The kernel walks a list for each, so that ten thousand take seconds: they are joined in steps, in between which the
 * thread does its other work. A socket holds as many groups as net.core.optmem_max has room for, 2,340 where that is
 * 128 KiB: when one is full the next is opened. A socket that is closed leaves its groups.
 */
export class Ipv6Groups {
  readonly #interfaceName: string;
  readonly #interfaceIndex: number;
  /** Socket by group, as hexadecimal text. */
  readonly #joined = new Map<string, number>();
  /** How many addresses want each group. */
  readonly #wanted = new Map<string, number>();
  readonly #pending = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #sockets: number[] = [];

  constructor(interfaceName: string, interfaceIndex: number) {
    this.#interfaceName = interfaceName;
    this.#interfaceIndex = interfaceIndex;
  }

  /** One address more is asked for in the group: {@link advance} joins it. */
  add(group: Uint8Array): void {
    const text = Buffer.from(group).toString("hex");
    this.#wanted.set(text, (this.#wanted.get(text) ?? 0) + 1);
    this.#settle(text);
  }

  /** One address less; {@link advance} leaves a group with its last. */
  drop(group: Uint8Array): void {
    const text = Buffer.from(group).toString("hex");
    const count = (this.#wanted.get(text) ?? 0) - 1;
    if (count > 0) this.#wanted.set(text, count);
    else this.#wanted.delete(text);
    this.#settle(text);
  }

  /** The groups that should be joined by now, as 32 hexadecimal digits; those that failed or wait are left out. */
  joined(): IterableIterator<string> {
    return this.#joined.keys();
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Tries again what failed. */
  retry(): void {
    for (const group of this.#failed) this.#pending.add(group);
    this.#failed.clear();
  }

  /** Joins and leaves so many at most; throws the first SystemError after all of them were tried. */
  advance(max: number): void {
    let failure: SystemError | undefined;
    let count = 0;
    for (const group of this.#pending) {
      if (count++ === max) break;
      this.#pending.delete(group);
      try {
        this.#carryOut(group);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        this.#failed.add(group);
        failure ??= error;
      }
    }
    if (failure) throw failure;
  }

  close(): void {
    for (const fd of this.#sockets) libc().close(fd);
    this.#sockets.length = 0;
    this.#joined.clear();
    this.#wanted.clear();
    this.#pending.clear();
    this.#failed.clear();
  }

  #settle(text: string): void {
    this.#failed.delete(text);
    if (this.#wanted.has(text) === this.#joined.has(text)) this.#pending.delete(text);
    else this.#pending.add(text);
  }

  #carryOut(text: string): void {
    const group = Buffer.from(text, "hex");
    const fd = this.#joined.get(text);
    if (fd === undefined) this.#joined.set(text, this.#join(group));
    else if (this.#joined.delete(text)) this.#set(fd, IPV6_LEAVE_GROUP, group, "leave");
  }

  /** The last socket is the one that may have room; others get room back by leaving, and are asked when it is full. */
  #join(group: Uint8Array): number {
    for (const fd of this.#sockets.toReversed()) if (this.#tryJoin(fd, group)) return fd;
    const fd = openSocket(AF_INET6, SOCK_DGRAM, 0, this.#what("join"));
    this.#sockets.push(fd);
    this.#set(fd, IPV6_JOIN_GROUP, group, "join");
    return fd;
  }

  #tryJoin(fd: number, group: Uint8Array): boolean {
    try {
      this.#set(fd, IPV6_JOIN_GROUP, group, "join");
      return true;
    } catch (error) {
      if (error instanceof SystemError && (error.errno === ENOMEM || error.errno === ENOBUFS)) return false;
      throw error;
    }
  }

  /** ipv6_mreq (20): group 16 | interface index u32 */
  #set(fd: number, option: number, group: Uint8Array, verb: "join" | "leave"): void {
    const request = new Uint8Array(ipv6Bytes + 4);
    request.set(group);
    new DataView(request.buffer).setUint32(ipv6Bytes, this.#interfaceIndex, true);
    setBytesOption(fd, IPPROTO_IPV6, option, request, this.#what(verb));
  }

  #what(verb: "join" | "leave"): string {
    return `${verb} an IPv6 group on ${this.#interfaceName}`;
  }
}

/**
 * The groups that an interface of this network namespace has joined, by whomever, as 32 hexadecimal digits each.
 * Empty where the kernel shows no list.
 */
export function groupsOf(interfaceName: string): Set<string> {
  const groups = new Set<string>();
  let text = "";
  try {
    text = readFileSync("/proc/net/igmp6", "utf8");
  } catch {
    return groups;
  }
  for (const line of text.split("\n")) {
    const [, name, group] = line.trim().split(/\s+/);
    if (name === interfaceName && group !== undefined) groups.add(group);
  }
  return groups;
}
