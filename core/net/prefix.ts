import { familyBits, formatAddress, type IpAddress, parseAddress } from "./address.ts";

/** A CIDR prefix; the host bits of `address` are zero. */
export interface Prefix {
  readonly address: IpAddress;
  /** 0..32 or 0..128. */
  readonly length: number;
}

/** Reads `address/length`, zeroing host bits as MetalLB does (`192.168.10.100/24` is `192.168.10.0/24`). */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (!address || !/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > familyBits(address.family)) return undefined;
  return maskAddress(address, length);
}

/** The prefix of the given length that holds the address. */
export function maskAddress(address: IpAddress, length: number): Prefix {
  const hostBits = BigInt(familyBits(address.family) - length);
  return { address: { family: address.family, value: (address.value >> hostBits) << hostBits }, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (prefix.address.family !== address.family) return false;
  const hostBits = BigInt(familyBits(address.family) - prefix.length);
  return address.value >> hostBits === prefix.address.value >> hostBits;
}
