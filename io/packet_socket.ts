import { attachFilter } from "./attach_filter.ts";
import { AF_PACKET, check, EAGAIN, EINTR, ENETDOWN, libc, SOCK_RAW } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { writeLinkSockaddr } from "./sockaddr.ts";
import { openSocket } from "./socket.ts";

/** Whole Ethernet frames of one EtherType on one interface (packet(7)). Needs CAP_NET_RAW. */
export class PacketSocket {
  readonly fd: number;
  readonly #libc = libc();

  /**
   * The order matters: with protocol 0 nothing is received, so the filter is in place before the first frame is, and
   * no frame of before the bind waits in the queue.
   */
  constructor(interfaceName: string, interfaceIndex: number, etherType: number, filter: Uint8Array) {
    const what = `open a packet socket on ${interfaceName}`;
    this.fd = openSocket(AF_PACKET, SOCK_RAW, 0, what);
    try {
      this.attach(filter);
      const address = new MemoryBlock(0).carve(20);
      const length = writeLinkSockaddr(address.bytes, interfaceIndex, etherType);
      check(this.#libc.bind(this.fd, address.pointer, length), what, "bind");
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Replaces the filter, an assembled program, at once and without a gap. */
  attach(filter: Uint8Array): void {
    attachFilter(this.fd, filter);
  }

  /**
   * The length of the next frame, put into `into`; 0 when there is none; a negative errno when the socket is of no use
   * any more. An interface that goes down says ENETDOWN once, and the socket goes on when it comes up again.
   */
  receive(into: Region): number {
    const length = this.#libc.recv(this.fd, into.pointer, into.bytes.length, 0);
    if (length >= 0) return length;
    const errno = this.#libc.errno();
    return errno === EAGAIN || errno === EINTR || errno === ENETDOWN ? 0 : -errno;
  }

  /** Sends the first `length` bytes as one frame. Gives 0, or the errno. */
  send(frame: Region, length: number): number {
    return this.#libc.send(this.fd, frame.pointer, length, 0) === -1 ? this.#libc.errno() : 0;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}
