import type { Link } from "./links.ts";

/** When an interface is not used for announcing, in the order in which the rules are asked. */
const rules = {
  /** By name, by configuration. */
  excluded: (link, excluded) => excluded?.test(link.name) ?? false,
  /** It has no Ethernet address. */
  "not-ethernet": (link) => link.mac === "",
  down: (link) => !link.isUp,
  /** A frame would go nowhere. */
  "no-carrier": (link) => !link.hasCarrier,
  /** A member of a bridge, bond or VRF speaks through its master. */
  enslaved: (link) => link.masterIndex !== undefined,
  "no-arp": (link) => link.isArpOff,
  "no-broadcast": (link) => !link.canBroadcast,
} as const satisfies Record<string, (link: Link, excluded: RegExp | undefined) => boolean>;

export type UnusableReason = keyof typeof rules;

/** Why nothing is announced on the interface; undefined where announcements are sent and requests answered on it. */
export function unusableReason(link: Link, excluded: RegExp | undefined): UnusableReason | undefined {
  for (const [reason, applies] of Object.entries(rules))
    if (applies(link, excluded)) return reason as UnusableReason;
  return undefined;
}

/** MetalLB's `metallb-excludel2` default: interfaces of pods, containers and kube-proxy. */
export const defaultExcludedInterfaces: readonly string[] = [
  "^docker.*",
  "^cbr.*",
  "^dummy.*",
  "^virbr.*",
  "^lxcbr.*",
  "^veth.*",
  "^lo$",
  "^cali.*",
  "^tunl.*",
  "^flannel.*",
  "^kube-ipvs.*",
  "^cni.*",
  "^nodelocaldns.*",
  "^lxc.*",
];

/** One unanchored alternation of the patterns; undefined for none. Throws SyntaxError where one is no expression. */
export function compileExclusions(patterns: readonly string[]): RegExp | undefined {
  return patterns.length === 0
    ? undefined
    : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join("|"));
}
