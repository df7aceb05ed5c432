import { addressFromBytes, addressToBytes, formatAddress, type IpAddress } from "#core/net/mod.ts";
import { AF_INET, AF_INET6, AF_PACKET } from "./libc.ts";

/** The largest written here is `sockaddr_in6`; `sockaddr_storage` is what the kernel may write. */
export const sockaddrBytesMax = 128;

export interface Endpoint {
  address: IpAddress;
  port: number;
  /** Interface index of a link-local IPv6 address. */
  scopeId?: number;
}

/**
 * Writes an address as the kernel wants it and gives its length.
 *
 * sockaddr_in (16):  family u16 host order | port u16 | address 4 | zero 8
 * sockaddr_in6 (28): family u16 host order | port u16 | flow info u32 | address 16 | scope id u32 host order
 */
export function writeSockaddr(bytes: Uint8Array, endpoint: Endpoint): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isIpv4 = endpoint.address.family === "ipv4";
  const length = isIpv4 ? 16 : 28;
  bytes.fill(0, 0, length);
  view.setUint16(0, isIpv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, endpoint.port);
  bytes.set(addressToBytes(endpoint.address), isIpv4 ? 4 : 8);
  if (!isIpv4) view.setUint32(24, endpoint.scopeId ?? 0, true);
  return length;
}

/** Reads a `sockaddr_in` or `sockaddr_in6`; undefined for another family. */
export function readSockaddr(bytes: Uint8Array): Endpoint | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, true);
  const [start, length] = family === AF_INET ? [4, 4] : family === AF_INET6 ? [8, 16] : [0, 0];
  const address = addressFromBytes(bytes.subarray(start, start + length));
  if (!address) return undefined;
  const scopeId = family === AF_INET6 ? view.getUint32(24, true) : 0;
  return { address, port: view.getUint16(2), ...(scopeId ? { scopeId } : {}) };
}

/** sockaddr_ll (20): family u16 | protocol u16 big-endian | interface index i32 | hardware type u16 | packet type u8 | ... */
export function writeLinkSockaddr(bytes: Uint8Array, interfaceIndex: number, etherType: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  bytes.fill(0, 0, 20);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  return 20;
}

/** `192.0.2.1:179`, `[2001:db8::1]:179`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const text = formatAddress(endpoint.address);
  return endpoint.address.family === "ipv4" ? `${text}:${endpoint.port}` : `[${text}]:${endpoint.port}`;
}
