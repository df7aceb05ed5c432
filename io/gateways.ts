import { readFileSync } from "node:fs";
import { addressFromBytes, formatAddress } from "#core/net/mod.ts";

/** RTF_GATEWAY of the kernel's routing tables in text. */
const gatewayFlag = 0x2;

/**
 * Next hops of this network namespace's default routes, of both families, ascending as text: addresses that no Service
 * may be given. Empty where the kernel shows no table.
 */
export function defaultGateways(read: (path: string) => string = readText): string[] {
  const found = [...ipv4Gateways(read("/proc/net/route")), ...ipv6Gateways(read("/proc/net/ipv6_route"))];
  return [...new Set(found)].sort();
}

/** /proc/net/route (proc(5)): interface, destination, gateway, flags … mask; 32-bit words in host byte order. */
function ipv4Gateways(table: string): string[] {
  return table.split("\n").flatMap((line) => {
    const [, destination, gateway = "", flags = "", , , , mask] = line.trim().split(/\s+/);
    const isDefault = destination === "00000000" && mask === "00000000";
    if (!isDefault || (Number.parseInt(flags, 16) & gatewayFlag) === 0) return [];
    return format(hexBytes(gateway)?.reverse());
  });
}

/** /proc/net/ipv6_route: destination, its length, source, its length, next hop, metric, counts, flags, interface. */
function ipv6Gateways(table: string): string[] {
  return table.split("\n").flatMap((line) => {
    const [destination, length, , , nextHop = "", , , , flags = ""] = line.trim().split(/\s+/);
    const isDefault = destination === "0".repeat(32) && length === "00";
    if (!isDefault || (Number.parseInt(flags, 16) & gatewayFlag) === 0) return [];
    return format(hexBytes(nextHop));
  });
}

function hexBytes(text: string): Uint8Array | undefined {
  return /^([0-9a-fA-F]{2})+$/.test(text) ? Uint8Array.from(Buffer.from(text, "hex")) : undefined;
}

function format(bytes: Uint8Array | undefined): string[] {
  const address = bytes && addressFromBytes(bytes);
  return address ? [formatAddress(address)] : [];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
