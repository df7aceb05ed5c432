/**
 * Classic BPF, the filter language of Linux sockets, as data: a list of steps that `assemble()` turns into the kernel's
 * `sock_filter` array (code u16 | jump if true u8 | jump if false u8 | k u32, host order).
 */
export type BpfStep =
  /** Loads the byte, half word or word at an absolute offset into the accumulator. */
  | { load: 1 | 2 | 4; at: number }
  /** Puts a constant into the accumulator. */
  | { value: number }
  | { and: number }
  /** By a constant, or by what the index register X holds. */
  | { shiftRight: number | "x" }
  /** Copies the accumulator into X. */
  | { copyToX: true }
  /** Compares the accumulator; a branch that is left out goes on with the next step. */
  | { ifEqual: number; matched?: string; otherwise?: string }
  | { ifAtLeast: number; matched?: string; otherwise?: string }
  | { goto: string }
  /** Ends: how many bytes of the packet to keep, 0 to drop it. */
  | { keep: number }
  | { label: string };

/** Offsets from here read what the kernel knows of a packet rather than its bytes. */
const SKF_AD_OFF = 0xfffff000;
/** Whom the frame was for; 3 (PACKET_OTHERHOST) is neither us nor a group. */
export const bpfPacketType = SKF_AD_OFF + 4;
/** The interface that the packet belongs to; a frame of a VLAN also passes by its parent's sockets, with the VLAN's index. */
export const bpfInterfaceIndex = SKF_AD_OFF + 8;

/** The kernel takes no more. */
export const bpfStepsMax = 4_096;
export const bpfInstructionBytes = 8;

const loadCodes = { 1: 0x30, 2: 0x28, 4: 0x20 } as const;
const codes = {
  ifEqual: 0x15,
  ifAtLeast: 0x35,
  goto: 0x05,
  keep: 0x06,
  value: 0x00,
  and: 0x54,
  shiftRight: 0x74,
  shiftRightByX: 0x7c,
  copyToX: 0x07,
};

/** Throws where a label is missing, lies behind, or is farther than a conditional jump reaches: bugs of ours. */
export function assemble(steps: readonly BpfStep[]): Uint8Array {
  const labels = new Map<string, number>();
  let count = 0;
  for (const step of steps) {
    if ("label" in step) labels.set(step.label, count);
    else count++;
  }
  if (count > bpfStepsMax)
    throw new RangeError(`Cannot assemble ${count} BPF steps: at most ${bpfStepsMax} fit`);
  const bytes = new Uint8Array(count * bpfInstructionBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const distance = (label: string | undefined, max: number) => {
    if (label === undefined) return 0;
    const jump = (labels.get(label) ?? -1) - at - 1;
    if (jump < 0 || jump > max) throw new RangeError(`Cannot jump from step ${at} to "${label}"`);
    return jump;
  };
  const emit = (code: number, k: number, jumpTrue = 0, jumpFalse = 0) => {
    view.setUint16(at * bpfInstructionBytes, code, true);
    view.setUint8(at * bpfInstructionBytes + 2, jumpTrue);
    view.setUint8(at * bpfInstructionBytes + 3, jumpFalse);
    view.setUint32(at * bpfInstructionBytes + 4, k, true);
    at++;
  };
  for (const step of steps) {
    if ("load" in step) emit(loadCodes[step.load], step.at);
    else if ("ifEqual" in step)
      emit(codes.ifEqual, step.ifEqual, distance(step.matched, 255), distance(step.otherwise, 255));
    else if ("ifAtLeast" in step)
      emit(codes.ifAtLeast, step.ifAtLeast, distance(step.matched, 255), distance(step.otherwise, 255));
    else if ("value" in step) emit(codes.value, step.value);
    else if ("and" in step) emit(codes.and, step.and);
    else if ("copyToX" in step) emit(codes.copyToX, 0);
    else if ("shiftRight" in step)
      emit(
        step.shiftRight === "x" ? codes.shiftRightByX : codes.shiftRight,
        step.shiftRight === "x" ? 0 : step.shiftRight,
      );
    else if ("goto" in step) emit(codes.goto, distance(step.goto, bpfStepsMax));
    else if ("keep" in step) emit(codes.keep, step.keep);
  }
  return bytes;
}
