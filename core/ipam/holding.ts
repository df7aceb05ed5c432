import type { IpAddress } from "#core/net/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import type { Sharing } from "./types.ts";

/** What one Service holds. */
export interface Holding {
  readonly service: string;
  sharing: Sharing;
  /** In the order of its status, which never changes on its own. */
  readonly addresses: Held[];
}

/** One address that one or more Services hold. */
export interface Held {
  readonly address: IpAddress;
  readonly text: string;
  /** Where it lies; undefined where no pool has it, and its holders keep it nonetheless. */
  block: AddressBlock | undefined;
  pool: string;
  readonly holdings: Holding[];
  /** Who has which port; undefined where the address is not shared under a key. */
  ports: Map<string, Holding> | undefined;
}
