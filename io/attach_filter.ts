import { bpfInstructionBytes } from "./bpf.ts";
import { MemoryBlock } from "./memory.ts";
import { setPointerOption } from "./socket.ts";

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/**
 * Replaces a socket's filter, an assembled program, at once and without a gap.
 *
 * sock_fprog (16): length u16 | 6 bytes of padding | pointer to the program u64
 */
export function attachFilter(fd: number, filter: Uint8Array): void {
  const block = new MemoryBlock(filter.length + 16);
  const program = block.carve(filter.length);
  program.bytes.set(filter);
  const descriptor = block.carve(16);
  descriptor.view.setUint16(0, filter.length / bpfInstructionBytes, true);
  descriptor.view.setBigUint64(8, BigInt(program.pointer), true);
  setPointerOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, descriptor, "attach a socket filter");
}
