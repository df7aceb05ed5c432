/**
 * An Ethernet header, 14 bytes: destination 6 | source 6 | EtherType 2. The kernel hands frames over without their
 * VLAN tag and without preamble and check sequence.
 */
export const etherTypeArp = 0x0806;
export const etherTypeIpv4 = 0x0800;
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
