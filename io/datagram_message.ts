import type { Family } from "#core/net/mod.ts";
import { libc } from "./libc.ts";
import { MemoryBlock } from "./memory.ts";
import { sockaddrBytesMax } from "./sockaddr.ts";

/** A datagram and what the kernel says of it. The bytes are views of memory that the next datagram overwrites. */
export interface Datagram {
  readonly payload: Uint8Array;
  /** 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly sourcePort: number;
  /** Which address of this node it was for; 4 or 16 bytes. */
  readonly destination: Uint8Array;
  /** Where it came in. */
  readonly interfaceIndex: number;
  /** TTL or hop limit that it arrived with. */
  readonly ttl: number;
}

const payloadBytesMax = 2_048;
const controlBytesMax = 256;
const controlHeaderBytes = 16;
const MSG_TRUNC = 0x20;

/** Control messages by level and type, where in sockaddr and pktinfo the addresses are. */
const layouts = {
  // in_pktinfo (12): interface index i32 | local address 4 | destination of the header 4
  ipv4: { level: 0, ttl: 2, info: 8, infoAddress: 8, infoIndex: 0, source: 4, addressBytes: 4 },
  // in6_pktinfo (20): destination 16 | interface index u32
  ipv6: { level: 41, ttl: 52, info: 50, infoAddress: 0, infoIndex: 16, source: 8, addressBytes: 16 },
};

/**
 * recvmsg(2) with its memory, on 64-bit Linux:
 *
 * msghdr (56): name pointer | name length u32, padding | iovec pointer | iovec count u64 | control pointer | control length u64 | flags i32
 * iovec (16): base pointer | length u64
 * cmsghdr (16): length u64, with this header | level i32 | type i32; then data, the whole padded to 8
 */
export class ReceivedMessage {
  readonly #libc = libc();
  readonly #block = new MemoryBlock(4_096);
  readonly #name = this.#block.carve(sockaddrBytesMax);
  readonly #payload = this.#block.carve(payloadBytesMax);
  readonly #control = this.#block.carve(controlBytesMax);
  readonly #vector = this.#block.carve(16);
  readonly #header = this.#block.carve(56);
  readonly #layout: (typeof layouts)[Family];

  constructor(family: Family) {
    this.#layout = layouts[family];
    this.#vector.view.setBigUint64(0, BigInt(this.#payload.pointer), true);
    this.#vector.view.setBigUint64(8, BigInt(payloadBytesMax), true);
    const { view } = this.#header;
    view.setBigUint64(0, BigInt(this.#name.pointer), true);
    view.setBigUint64(16, BigInt(this.#vector.pointer), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, BigInt(this.#control.pointer), true);
  }

  /** Undefined when nothing waits. One that was cut off is skipped. */
  receive(fd: number): Datagram | undefined {
    for (;;) {
      const { view } = this.#header;
      view.setUint32(8, sockaddrBytesMax, true);
      view.setUint32(40, controlBytesMax, true);
      view.setUint32(44, 0, true);
      const length = this.#libc.recvmsg(fd, this.#header.pointer, 0);
      if (length < 0) return undefined;
      if ((view.getInt32(48, true) & MSG_TRUNC) === 0) return this.#datagram(length);
    }
  }

  #datagram(length: number): Datagram {
    const { source, addressBytes } = this.#layout;
    return {
      payload: this.#payload.bytes.subarray(0, length),
      source: this.#name.bytes.subarray(source, source + addressBytes),
      sourcePort: this.#name.view.getUint16(2),
      ...this.#readControl(),
    };
  }

  #readControl(): Pick<Datagram, "destination" | "interfaceIndex" | "ttl"> {
    const { level, ttl: ttlType, info, infoAddress, infoIndex, addressBytes } = this.#layout;
    const { view, bytes } = this.#control;
    const end = this.#header.view.getUint32(40, true);
    let [ttl, interfaceIndex, destination] = [0, 0, new Uint8Array(addressBytes)];
    for (let at = 0; at + controlHeaderBytes <= end; ) {
      const size = view.getUint32(at, true);
      if (size < controlHeaderBytes || at + size > end) break;
      const data = at + controlHeaderBytes;
      const type = view.getInt32(at + 8, true) === level ? view.getInt32(at + 12, true) : -1;
      if (type === ttlType) ttl = view.getInt32(data, true);
      else if (type === info) {
        interfaceIndex = view.getInt32(data + infoIndex, true);
        destination = bytes.subarray(data + infoAddress, data + infoAddress + addressBytes);
      }
      at += (size + 7) & ~7;
    }
    return { ttl, interfaceIndex, destination };
  }
}
