/** Short ways to write resources, for the tests of this room. */
import type { ConfigResources, Resource } from "./mod.ts";

export const none: ConfigResources = {
  pools: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
};

export function object(kind: string, name: string, spec: unknown, day = 1, labels = {}): Resource {
  const creationTimestamp = `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`;
  return { kind, metadata: { name, labels, creationTimestamp }, spec };
}

export const pools = [
  object("IPAddressPool", "v4", { addresses: ["10.0.0.0/24"] }, 1, { zone: "a" }),
  object("IPAddressPool", "v6", { addresses: ["2001:db8::/120"] }, 1, { zone: "b" }),
  object("IPAddressPool", "dual", { addresses: ["10.1.0.0/24", "2001:db8:1::/120"] }, 1, { zone: "b" }),
];
