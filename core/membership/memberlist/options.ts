import type { MemberlistSettings } from "./settings.ts";
import type { Wire } from "./wire.ts";

export interface MemberlistOptions {
  /** The node's name; MetalLB's rule: `spec.nodeName`. */
  name: string;
  /** As others reach it. */
  address: string;
  port: number;
  settings: MemberlistSettings;
  wire: Wire;
  /** At most 512 bytes. */
  metadata: Uint8Array;
  /** From 0 to below 1. */
  random: () => number;
}
