import { type FamilyDemand, familyNames, notShared, type Sharing } from "#core/ipam/mod.ts";
import { type Family, formatAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { ServiceView } from "./types.ts";

/** The prefix of annotations before MetalLB 0.15; still read, with an event that says so. */
export const deprecatedPrefix = "metallb.universe.tf/";

/** What a Service asks for: by its spec, and by annotations in both spellings. */
export interface ServiceRequest {
  readonly families: FamilyDemand;
  /** Exactly these; empty: any. */
  readonly addresses: readonly IpAddress[];
  /** What is wrong with the addresses it asks for. */
  readonly wrong?: Reason;
  /** Only from this pool. */
  readonly pool?: string;
}

/** The present spelling wins where it is there, be it empty. */
export function annotation({ annotations }: ServiceView, name: keyof typeof spellings): string {
  const [present, deprecated] = spellings[name];
  return annotations[present] ?? annotations[deprecated] ?? "";
}

const spellings = {
  "address-pool": ["metallb.io/address-pool", `${deprecatedPrefix}address-pool`],
  "allow-shared-ip": ["metallb.io/allow-shared-ip", `${deprecatedPrefix}allow-shared-ip`],
  loadBalancerIPs: ["metallb.io/loadBalancerIPs", `${deprecatedPrefix}loadBalancerIPs`],
} as const;

export function requestOf(view: ServiceView, families: FamilyDemand): ServiceRequest {
  const pool = annotation(view, "address-pool");
  const asked = addressesAsked(view);
  const wrong = Array.isArray(asked) ? familyMismatch(asked, families) : asked;
  return {
    families,
    addresses: Array.isArray(asked) ? asked : [],
    ...(wrong && { wrong }),
    ...(pool && { pool }),
  };
}

/** On which terms others may have the same address (MetalLB's allow-shared-ip). */
export function sharingOf(view: ServiceView): Sharing {
  const key = annotation(view, "allow-shared-ip");
  if (key === "") return notShared;
  // Under Local a node without a backend drops what it gets, so only the same backends may share.
  const backend =
    view.externalTrafficPolicy === "Local"
      ? Object.entries(view.selector)
          .map(([label, value]) => `${label}=${value}`)
          .sort()
          .join()
      : "";
  return { key, backend, ports: view.ports.map(({ port, protocol }) => `${port}/${protocol}`) };
}

/** The families of the clusterIPs, as far as the policy wants them; or why they cannot be told. */
export function familiesOf(view: ServiceView): FamilyDemand | Reason {
  const families = view.clusterIPs.map((each) => parseAddress(each)?.family);
  const [first, second, ...more] = families;
  if (!first || first === second || more.length > 0 || (families.length > 1 && !second)) {
    return reason("service.cluster-ips-malformed", { text: JSON.stringify(view.clusterIPs) });
  }
  if (view.ipFamilyPolicy === "SingleStack") return { primary: first, bothRequired: false };
  const bothRequired = view.ipFamilyPolicy === "RequireDualStack";
  if (!second) {
    if (bothRequired)
      return reason("service.not-enough-cluster-ips", { text: JSON.stringify(view.clusterIPs) });
    return { primary: first, bothRequired: false };
  }
  const primary: Family = view.ipFamilies[0] === "IPv6" ? "ipv6" : "ipv4";
  return { primary, secondary: primary === "ipv4" ? "ipv6" : "ipv4", bothRequired };
}

function addressesAsked(view: ServiceView): IpAddress[] | Reason {
  const listed = annotation(view, "loadBalancerIPs");
  const single = view.loadBalancerIP ?? "";
  if (listed !== "" && single !== "") return reason("address.two-requests");
  const texts = listed !== "" ? listed.split(",").map((text) => text.trim()) : single !== "" ? [single] : [];
  const addresses: IpAddress[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    if (!address) return reason("address.malformed", { text });
    addresses.push(address);
  }
  const [first, second] = addresses;
  if (addresses.length > 2) return reason("address.too-many", { count: addresses.length });
  if (first && second && first.family === second.family) {
    const [a, b] = [formatAddress(first), formatAddress(second)];
    return reason("address.same-family", { first: a, second: b, family: familyNames[first.family] });
  }
  return addresses;
}

/** A Service of one family asks for one address of it, a dual-stack Service for one of each. */
function familyMismatch(asked: readonly IpAddress[], families: FamilyDemand): Reason | undefined {
  if (asked.length === 0) return undefined;
  const wanted = families.secondary ? 2 : 1;
  if (asked.length === wanted && (wanted === 2 || asked[0]?.family === families.primary)) return undefined;
  return reason("address.family", {
    wanted: wantedFamilies(families),
    address: asked.map(formatAddress).join(", "),
    actual: asked.map(({ family }) => familyNames[family]).join(" and "),
  });
}

export function wantedFamilies({ primary, secondary }: FamilyDemand): string {
  return secondary ? "one IPv4 and one IPv6 address" : `one ${familyNames[primary]} address`;
}
