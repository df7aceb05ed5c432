import type { Family } from "#core/net/mod.ts";

/** As Kubernetes writes them in `spec.ipFamilies`. */
export const familyNames: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
