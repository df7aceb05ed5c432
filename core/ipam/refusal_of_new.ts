import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Ledger } from "./ledger.ts";
import type { Claimant } from "./types.ts";

/** What speaks against giving an address, and not against keeping it: its pool's policy. */
export function refusalOfNew(address: IpAddress, { service }: Claimant, ledger: Ledger): Reason | undefined {
  const block = ledger.blockOf(address);
  const held = ledger.heldAt(address);
  if (!block || held?.holdings.some((holding) => holding.service === service)) return undefined;
  const { value } = address;
  const params = { address: formatAddress(address), pool: block.pool.pool.name };
  if (block.excludes(value)) return reason("address.excluded", params);
  const owners = block.reserved.get(value);
  if (owners && !owners.includes(service) && !(held && block.isOpenToSharers(held))) {
    return reason("address.reserved", { ...params, service: owners.join(", ") });
  }
  const cooling = block.cooling.get(value);
  if (cooling && cooling.service !== service) {
    return reason("address.cooling", { ...params, seconds: block.pool.reuseAfterMs / 1000 });
  }
  return undefined;
}
