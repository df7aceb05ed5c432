/**
 * The routing tables of one peer (RFC 4271 §3.2): what it shall know and was told, and a count of what it tells us.
 *
 * ```ts
 * const rib = new AdjRibOut();
 * rib.replace([{ prefix, communities: [] }]);
 * rib.open(context); // the session is up
 * for (const { bytes } of rib.take(65_536)) connection.write(bytes);
 * ```
 */
export { AdjRibIn } from "./adj_rib_in.ts";
export { AdjRibOut } from "./adj_rib_out.ts";
export type { ExportContext, NextHops } from "./export_policy.ts";
export type { EncodedUpdate } from "./packing.ts";
export type { Route } from "./route.ts";
