import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { LinkMonitor } from "#io/mod.ts";

/** An interface of this network namespace, with what `ip` shows of it. */
export interface Interface {
  readonly index: number;
  readonly name: string;
  readonly flags: readonly string[];
  readonly mtu: string;
  /** As RFC 2863 counts: UP, DOWN, UNKNOWN, … */
  readonly state: string;
  /** `link/ether`. */
  readonly type: string;
  readonly mac: string;
  readonly broadcast: string;
  readonly master: string | undefined;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  readonly isIpv6: boolean;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: "host" | "link" | "global";
}

/** IFF_ of netdevice(7), in the order in which `ip` names them; carrier is not among those that sysfs tells. */
const flagNames: readonly [number, string][] = [
  [0x8, "LOOPBACK"],
  [0x2, "BROADCAST"],
  [0x10, "POINTOPOINT"],
  [0x1000, "MULTICAST"],
  [0x80, "NOARP"],
  [0x100, "PROMISC"],
  [0x1, "UP"],
];
/** ARPHRD_ of if_arp.h. */
const types: Readonly<Record<string, string>> = {
  "1": "ether",
  "772": "loopback",
  "768": "ipip",
  "65534": "none",
};

/** By netlink; what the data plane has no use for comes from sysfs, and is left out where there is none. */
export function readInterfaces(): Interface[] {
  const { monitor, events } = LinkMonitor.open();
  monitor.close();
  const links = events.flatMap((event) => (event.type === "link" ? [event.link] : []));
  const nameOf = (index: number | undefined) => links.find((link) => link.index === index)?.name;
  return links.map((link) => {
    const { index, name } = link;
    const of = (file: string) => textOf(`/sys/class/net/${name}/${file}`);
    const bits = Number(of("flags")) || (link.isUp ? 1 : 0) + (link.canBroadcast ? 2 : 0);
    const known = flagNames.filter(([bit]) => (bits & bit) !== 0).map(([, flag]) => flag);
    const isDown = link.isUp && !link.hasCarrier ? ["NO-CARRIER"] : [];
    return {
      index,
      name,
      flags: [...isDown, ...known, ...(link.hasCarrier ? ["LOWER_UP"] : [])],
      mtu: of("mtu"),
      state: of("operstate").toUpperCase(),
      type: `link/${types[of("type")] ?? (link.mac ? "ether" : of("type"))}`,
      mac: of("address") || link.mac,
      broadcast: of("broadcast"),
      master: nameOf(link.masterIndex),
      addresses: events.flatMap((event) =>
        event.type === "address" && event.index === index
          ? [
              {
                isIpv6: isIPv6(event.address),
                address: event.address,
                prefixLength: event.prefixLength,
                scope: scopeOf(event.address),
              },
            ]
          : [],
      ),
    };
  });
}

/** The scope that the kernel gives an address for which none was said. */
export function scopeOf(address: string): InterfaceAddress["scope"] {
  if (/^(127\.|::1$)/.test(address)) return "host";
  return /^(169\.254\.|fe[89ab])/i.test(address) ? "link" : "global";
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
