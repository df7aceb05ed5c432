import type { Prefix } from "#core/net/mod.ts";

/** Equal for equal prefixes, and cheap: a number for IPv4, a bigint for IPv6. */
export type PrefixKey = number | bigint;

export function prefixKey({ address, length }: Prefix): PrefixKey {
  if (address.family === "ipv4") return Number(address.value) * 64 + length;
  return (address.value << 8n) | BigInt(length);
}
