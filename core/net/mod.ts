/**
 * Addresses, prefixes, ranges and MACs as values.
 *
 * ```ts
 * const prefix = parsePrefix("192.168.10.100/24"); // 192.168.10.0/24
 * formatRange(prefixToRange(prefix)); // "192.168.10.0/24"
 * ```
 */
export * from "./address.ts";
export * from "./mac.ts";
export * from "./prefix.ts";
export * from "./range.ts";
