import { attachFilter } from "./attach_filter.ts";
import { AF_PACKET, check, EAGAIN, EINTR, ENETDOWN, libc, SOCK_RAW } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { writeLinkSockaddr } from "./sockaddr.ts";
import { openSocket, setIntOption } from "./socket.ts";

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/** A node that takes thousands of addresses announces them all: questions must not be lost behind that. The kernel may give less. */
const receiveBufferBytes = 1 << 20;
/** The number of SO_ATTACH_FILTER, when it is read. */
const SO_GET_FILTER = 26;

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
      setIntOption(this.fd, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes, what);
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

  /**
   * What the kernel says of the socket: the interface it is bound to, -1 where that is gone, with the MAC of now, and
   * how many steps its filter has. Throws a SystemError where it is no socket any more.
   *
   * sockaddr_ll as in {@link writeLinkSockaddr}, with the address's length at 11 and the address at 12.
   */
  look(): { interfaceIndex: number; mac: Uint8Array; filterSteps: number } {
    const block = new MemoryBlock(64);
    const address = block.carve(32);
    const length = block.carve(4);
    length.view.setUint32(0, 32, true);
    const what = "look at a packet socket";
    check(this.#libc.getsockname(this.fd, address.pointer, length.pointer), what, "getsockname");
    const interfaceIndex = address.view.getInt32(4, true);
    const mac = address.bytes.slice(12, 12 + address.view.getUint8(11));
    // Asked for no bytes of it, the kernel gives the number of its steps.
    length.view.setUint32(0, 0, true);
    const result = this.#libc.getsockopt(this.fd, SOL_SOCKET, SO_GET_FILTER, address.pointer, length.pointer);
    check(result, what, "getsockopt");
    return { interfaceIndex, mac, filterSteps: length.view.getUint32(0, true) };
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}
