import type { LinkEvent } from "#core/l2/mod.ts";
import { AF_NETLINK, check, EAGAIN, EINTR, ENOBUFS, libc, SOCK_RAW, SystemError } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { decodeNetlink, encodeDumpRequest, netlink } from "./netlink_codec.ts";
import { isReadable, openSocket } from "./socket.ts";

const NETLINK_ROUTE = 0;
/** RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR */
const groups = 0x1 | 0x10 | 0x100;
/** The kernel fills at most 32 KiB at once. */
const datagramBytesMax = 65_536;
const attemptsMax = 5;
const answerLimitMs = 1_000;

/**
 * Every interface and address, and then each change to them, of the network namespace of the process. Needs no
 * privilege. When `read()` says "overrun", changes were lost: close this one and open another.
 */
export class LinkMonitor {
  readonly fd: number;
  readonly #libc = libc();
  readonly #block = new MemoryBlock(datagramBytesMax + 64);
  readonly #datagram: Region;
  readonly #request: Region;
  #sequence = 0;

  private constructor() {
    this.#datagram = this.#block.carve(datagramBytesMax);
    this.#request = this.#block.carve(32);
    this.fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "watch interfaces");
    // sockaddr_nl (12): family u16 | pad u16 | port u32 | groups u32
    this.#request.view.setUint16(0, AF_NETLINK, true);
    this.#request.view.setUint32(8, groups, true);
    check(this.#libc.bind(this.fd, this.#request.pointer, 12), "watch interfaces", "bind");
  }

  /** Subscribes first and lists then, so that no change falls between the two. */
  static open(): { monitor: LinkMonitor; events: LinkEvent[] } {
    for (let attempt = 1; ; attempt++) {
      const monitor = new LinkMonitor();
      const events = monitor.list();
      if (events) return { monitor, events };
      monitor.close();
      if (attempt === attemptsMax)
        throw new Error(`Cannot list interfaces: they changed during each of ${attemptsMax} attempts`);
    }
  }

  /** Everything there is, with the changes that came meanwhile; undefined when it changed too fast to be told. */
  list(): LinkEvent[] | undefined {
    const links = this.#dump(netlink.RTM_GETLINK);
    const addresses = links && this.#dump(netlink.RTM_GETADDR);
    return addresses && [...links, ...addresses];
  }

  /** The changes that wait to be read. */
  read(): LinkEvent[] | "overrun" {
    const events: LinkEvent[] = [];
    for (;;) {
      const messages = this.#receive();
      if (messages === "overrun") return "overrun";
      if (messages === "empty") return events;
      for (const message of messages) if (message.type === "event") events.push(message.event);
    }
  }

  close(): void {
    this.#libc.close(this.fd);
  }

  #dump(type: number): LinkEvent[] | undefined {
    const sequence = ++this.#sequence;
    const request = encodeDumpRequest(type, sequence);
    this.#request.bytes.set(request);
    check(this.#libc.send(this.fd, this.#request.pointer, request.length, 0), "list interfaces", "send");
    const events: LinkEvent[] = [];
    for (;;) {
      if (!isReadable(this.fd, answerLimitMs))
        throw new Error(`Cannot list interfaces: the kernel gave no answer within ${answerLimitMs} ms`);
      const messages = this.#receive();
      if (messages === "overrun") return undefined;
      if (messages === "empty") continue;
      for (const message of messages) {
        if (message.type === "event") events.push(message.event);
        else if (message.sequence === sequence && message.type === "error")
          throw new SystemError("list interfaces", "netlink", message.errno);
        else if (message.sequence === sequence && message.type === "done")
          return message.isInterrupted ? undefined : events;
      }
    }
  }

  #receive() {
    const length = this.#libc.recv(this.fd, this.#datagram.pointer, datagramBytesMax, 0);
    if (length >= 0) return decodeNetlink(this.#datagram.bytes.subarray(0, length));
    const errno = this.#libc.errno();
    if (errno === ENOBUFS) return "overrun";
    if (errno === EAGAIN || errno === EINTR) return "empty";
    throw new SystemError("read interface changes", "recv", errno);
  }
}
