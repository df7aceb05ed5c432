/** Reads of a filter's ancillary offsets: by the offset from SKF_AD_OFF. */
export type BpfAncillary = Readonly<Record<number, number>>;

const ancillaryStart = 0xfffff000;
const sizes: Readonly<Record<number, 1 | 2 | 4>> = { 48: 1, 40: 2, 32: 4 };

/**
 * What the kernel does with a program that `assemble()` made: how many bytes of the packet it keeps. Conditional jumps
 * only lead ahead, so that every program ends. Throws on an opcode that `assemble()` does not use.
 */
export function runBpf(program: Uint8Array, packet: Uint8Array, ancillary: BpfAncillary): number {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  let accumulator = 0;
  let x = 0;
  for (let at = 0; ; at++) {
    const opcode = code.getUint16(at * 8, true);
    const k = code.getUint32(at * 8 + 4, true);
    const jump = (isTaken: boolean) => code.getUint8(at * 8 + (isTaken ? 2 : 3));
    const size = sizes[opcode];
    if (opcode === 0x06) return k;
    if (opcode === 0x05) at += k;
    else if (opcode === 0x15) at += jump(accumulator === k);
    else if (opcode === 0x35) at += jump(accumulator >= k);
    else if (opcode === 0x00) accumulator = k;
    else if (opcode === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (opcode === 0x74) accumulator = k > 31 ? 0 : accumulator >>> k;
    else if (opcode === 0x7c) accumulator = x > 31 ? 0 : accumulator >>> x;
    else if (opcode === 0x07) x = accumulator;
    else if (size === undefined) throw new Error(`Cannot run BPF: opcode ${opcode} at step ${at} is unknown`);
    else if (k >= ancillaryStart) accumulator = ancillary[k - ancillaryStart] ?? 0;
    else if (k + size > packet.length) return 0;
    else accumulator = size === 1 ? data.getUint8(k) : size === 2 ? data.getUint16(k) : data.getUint32(k);
  }
}
