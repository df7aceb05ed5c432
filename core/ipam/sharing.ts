import { type Reason, reason } from "#core/reason/mod.ts";
import type { Held } from "./holding.ts";
import type { Claimant, Sharing } from "./types.ts";

export const notShared: Sharing = { key: "", backend: "", ports: [] };

/** Names who may share with whom: key and backend with a separator that neither can forge. */
export function sharingId({ key, backend }: Sharing): string {
  return `${key.length}:${key}${backend}`;
}

/**
 * Why the claimant may not take an address that others hold, or undefined where it may. The rule is MetalLB's: both
 * sharing keys are set and equal, the backends are equal, and no port is used twice. Whoever is alone on an address
 * may change all three as it likes.
 */
export function sharingRefusal(held: Held, { service, sharing }: Claimant): Reason | undefined {
  const other = held.holdings.find((holding) => holding.service !== service);
  if (!other) return undefined;
  const params = { address: held.text, holder: other.service };
  if (other.sharing.key === "") return reason("address.taken", params);
  if (other.sharing.key !== sharing.key) {
    return reason("address.sharing-key", { ...params, theirs: other.sharing.key, ours: sharing.key });
  }
  if (other.sharing.backend !== sharing.backend) return reason("address.sharing-policy", params);
  for (const port of sharing.ports) {
    const holder = held.ports?.get(port);
    if (holder && holder.service !== service) {
      return reason("address.port-taken", { address: held.text, port, holder: holder.service });
    }
  }
  return undefined;
}

export function sameSharing(a: Sharing, b: Sharing): boolean {
  if (a === b) return true;
  if (a.key !== b.key || a.backend !== b.backend || a.ports.length !== b.ports.length) return false;
  return a.ports.every((port, at) => port === b.ports[at]);
}
