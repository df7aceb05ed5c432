import type { ServiceRow } from "./ports.ts";
import type { Tone } from "./views/parts/mark.tsx";

export type ServiceState = "pending" | "unannounced" | "announced";

/** Waiting for an address, holding one that nobody announces, or reachable. */
export function serviceState(service: ServiceRow): { key: ServiceState; tone: Tone } {
  if (service.addresses.length === 0) return { key: "pending", tone: "warning" };
  if (service.announcers.length === 0) return { key: "unannounced", tone: "critical" };
  return { key: "announced", tone: "good" };
}
