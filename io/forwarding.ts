import { readFileSync } from "node:fs";
import type { Family } from "#core/net/mod.ts";

/** Whether the kernel forwards what comes in on the interface and is for others (net.ipv4.conf.*.forwarding). */
export function isForwarding(family: Family, interfaceName: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/${family}/conf/${interfaceName}/forwarding`, "utf8").trim() !== "0";
  } catch {
    return false;
  }
}
