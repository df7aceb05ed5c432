/**
 * An Ethernet header, 14 bytes: destination 6 | source 6 | EtherType 2. The kernel hands frames over without their
 * VLAN tag and without preamble and check sequence.
 */
export const etherTypeArp = 0x0806;
export const etherTypeIpv4 = 0x0800;
export const etherTypeIpv6 = 0x86dd;
export const macBytes = 6;

/** Whether six bytes at `a[atA]` are those at `b[atB]`. */
export function sameMacBytes(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < macBytes; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

export function isBroadcast(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < macBytes; i++) if (bytes[at + i] !== 0xff) return false;
  return true;
}

/** For the hot path: reads in place, of a frame whose length was checked. */
export function readU16(frame: Uint8Array, at: number): number {
  return ((frame[at] as number) << 8) | (frame[at + 1] as number);
}

export function readU32(frame: Uint8Array, at: number): number {
  return ((readU16(frame, at) << 16) | readU16(frame, at + 2)) >>> 0;
}
