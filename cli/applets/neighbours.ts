import { readFileSync } from "node:fs";

export interface Neighbour {
  readonly address: string;
  readonly mac: string;
  readonly device: string;
  /** The kernel knows the MAC. */
  readonly isComplete: boolean;
}

const flagComplete = 0x2;

export function readNeighbours(): Neighbour[] {
  return parseNeighbours(readFileSync("/proc/net/arp", "utf8"));
}

/** /proc/net/arp (proc(5)): address, hardware type, flags, MAC, mask, interface. IPv4 only. */
export function parseNeighbours(table: string): Neighbour[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [address = "", , flags = "", mac = "", , device = ""] = line.trim().split(/\s+/);
      if (device === "") return [];
      return [{ address, mac, device, isComplete: (Number(flags) & flagComplete) !== 0 }];
    });
}

/** As `ip neigh` writes it; the kernel's table tells no more of a neighbour's state than whether it is known. */
export function neighboursText(neighbours: readonly Neighbour[], device?: string): string {
  return neighbours
    .filter((each) => device === undefined || each.device === device)
    .map(({ address, mac, device, isComplete }) =>
      isComplete ? `${address} dev ${device} lladdr ${mac}\n` : `${address} dev ${device} INCOMPLETE\n`,
    )
    .join("");
}
