/** Of an IPv6 address. */
export const ipv6Bytes = 16;

export function isMulticast(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff;
}

export function isUnspecified(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < ipv6Bytes; i++) if (bytes[at + i] !== 0) return false;
  return true;
}

/** The prefix ff02:0:0:0:0:1:ff00::/104 (RFC 4291 §2.7.1). */
const solicitedNodePrefix = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff]);

export function isSolicitedNode(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < solicitedNodePrefix.length; i++)
    if (bytes[at + i] !== solicitedNodePrefix[i]) return false;
  return true;
}

/** The group in which questions for an address arrive: the prefix and the address's last 24 bits (RFC 4291 §2.7.1). */
export function solicitedNodeGroup(address: Uint8Array): Uint8Array {
  const group = new Uint8Array(ipv6Bytes);
  group.set(solicitedNodePrefix);
  group.set(address.subarray(solicitedNodePrefix.length), solicitedNodePrefix.length);
  return group;
}

/** ff02::1, everybody on the link. */
export const allNodes = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/** An Ethernet group for an IPv6 one: 33:33 and its last four bytes (RFC 2464 §7). */
export const allNodesMac = Uint8Array.from([0x33, 0x33, 0, 0, 0, 1]);
