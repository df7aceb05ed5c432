import { check, libc } from "./libc.ts";
import { MemoryBlock } from "./memory.ts";

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** struct tcp_info: eight octets, then rto, ato, snd_mss, rcv_mss, unacked, each in 32 bits. */
const unackedAt = 24;
const bytesWanted = 104;

const block = new MemoryBlock(1_024);
const info = block.carve(bytesWanted);
const length = block.carve(4);

/** Segments sent and not acknowledged yet. */
export function tcpUnacknowledged(fd: number): number {
  length.view.setUint32(0, bytesWanted, true);
  check(
    libc().getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.pointer, length.pointer),
    "read a connection's state",
    "getsockopt",
  );
  return info.view.getUint32(unackedAt, true);
}
