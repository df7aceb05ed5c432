import { type Family, formatAddress, type IpAddress, sameAddress } from "#core/net/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import type { CoolDown } from "./cool_down.ts";
import type { Held, Holding } from "./holding.ts";
import { sameSharing } from "./sharing.ts";
import type { Opening, Sharing } from "./types.ts";

/** Who holds what. It records; whether somebody may hold an address was decided before. */
export class Ledger {
  readonly holdings = new Map<string, Holding>();
  /** Held addresses of pools that were rejected or are being removed, by their text. */
  readonly orphans = new Map<string, Held>();
  #blocks: Record<Family, readonly AddressBlock[]> = { ipv4: [], ipv6: [] };
  readonly #coolDown: CoolDown;

  constructor(coolDown: CoolDown) {
    this.#coolDown = coolDown;
  }

  /** From now on addresses lie in these blocks; none overlaps another. Who held what before is not moved: see `move`. */
  setBlocks(blocks: readonly AddressBlock[]): void {
    const ascending = blocks.toSorted((a, b) => (a.range.first.value < b.range.first.value ? -1 : 1));
    this.#blocks = {
      ipv4: ascending.filter((block) => block.range.first.family === "ipv4"),
      ipv6: ascending.filter((block) => block.range.first.family === "ipv6"),
    };
  }

  /** Where the address may be held. */
  blockOf(address: IpAddress): AddressBlock | undefined {
    const block = this.rangeOf(address);
    return block?.avoids(address.value) ? undefined : block;
  }

  /** Where the address lies, be it one that the pool avoids. */
  rangeOf({ family, value }: IpAddress): AddressBlock | undefined {
    const blocks = this.#blocks[family];
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle] as AddressBlock).range.last.value < value) low = middle + 1;
      else high = middle;
    }
    const block = blocks[low];
    return block && block.range.first.value <= value ? block : undefined;
  }

  heldAt(address: IpAddress): Held | undefined {
    const block = this.blockOf(address);
    return block ? block.held.get(address.value) : this.orphans.get(formatAddress(address));
  }

  /**
   * The Service holds exactly these from now on, in this order. `orphanPool` is the pool of those in no block. What is
   * given up cools down where the pool says so, unless `cools` is false.
   */
  assign(
    service: string,
    sharing: Sharing,
    addresses: readonly IpAddress[],
    orphanPool = "",
    cools = true,
  ): Opening[] {
    const openings: Opening[] = [];
    let holding = this.holdings.get(service);
    if (!holding) {
      if (addresses.length === 0) return openings;
      holding = { service, sharing, addresses: [] };
      this.holdings.set(service, holding);
      for (let at = 0; at < addresses.length; at++) {
        this.#attach(addresses[at] as IpAddress, holding, at, orphanPool);
      }
      return openings;
    }
    for (let at = holding.addresses.length - 1; at >= 0; at--) {
      const held = holding.addresses[at] as Held;
      if (addresses.some((address) => sameAddress(address, held.address))) continue;
      openings.push(this.#detach(held, holding, cools));
    }
    if (!sameSharing(holding.sharing, sharing)) openings.push(...reshare(holding, sharing));
    for (const [at, address] of addresses.entries()) {
      const found = holding.addresses.findIndex((held) => sameAddress(held.address, address));
      if (found < 0) this.#attach(address, holding, at, orphanPool);
      else if (found !== at) holding.addresses.splice(at, 0, ...holding.addresses.splice(found, 1));
    }
    if (holding.addresses.length === 0) this.holdings.delete(service);
    return openings;
  }

  release(service: string, cools = true): Opening[] {
    const holding = this.holdings.get(service);
    return holding ? this.assign(service, holding.sharing, [], "", cools) : [];
  }

  /** The address now lies in another block, or in none; its holders, and their order, stay. */
  move(held: Held, block: AddressBlock | undefined): void {
    for (const holding of held.holdings) count(held, holding, -1);
    if (held.block) held.block.pool.countHeld(held, -1);
    else this.orphans.delete(held.text);
    held.block = block;
    if (block) {
      held.pool = block.pool.pool.name;
      block.take(held);
      block.pool.countHeld(held, 1);
      const [first] = held.holdings;
      if (held.ports && first) block.share(held.address.value, first.sharing);
    } else {
      this.orphans.set(held.text, held);
    }
    for (const holding of held.holdings) count(held, holding, 1);
  }

  #attach(address: IpAddress, holding: Holding, at: number, orphanPool: string): void {
    const block = this.blockOf(address);
    const text = formatAddress(address);
    let held = block ? block.held.get(address.value) : this.orphans.get(text);
    if (!held) {
      const pool = block?.pool.pool.name ?? orphanPool;
      held = { address, text, block, pool, holdings: [], ports: undefined };
      if (block) {
        const cooling = block.cooling.get(address.value);
        if (cooling) this.#coolDown.end(cooling);
        block.take(held);
        block.pool.countHeld(held, 1);
      } else {
        this.orphans.set(text, held);
      }
    }
    count(held, holding, 1);
    held.holdings.push(holding);
    holding.addresses.splice(at, 0, held);
    index(held, holding);
    // Others may join where it is reserved for this one, and passed it before.
    if (block?.reserved.has(address.value) && holding.sharing.key !== "") {
      block.openShared(address.value, holding.sharing);
    }
  }

  #detach(held: Held, holding: Holding, cools: boolean): Opening {
    unindex(held, holding);
    held.holdings.splice(held.holdings.indexOf(holding), 1);
    holding.addresses.splice(holding.addresses.indexOf(held), 1);
    count(held, holding, -1);
    if (held.holdings.length === 0) {
      const { block, address } = held;
      if (block) {
        if (cools) this.#coolDown.start(block, address.family, address.value, holding.service);
        block.giveBack(address.value);
        block.pool.countHeld(held, -1);
        block.pool.reopen(block);
      } else {
        this.orphans.delete(held.text);
      }
    }
    return { address: held.address, pool: held.pool };
  }
}

function reshare(holding: Holding, sharing: Sharing): Opening[] {
  for (const held of holding.addresses) unindex(held, holding);
  holding.sharing = sharing;
  for (const held of holding.addresses) index(held, holding);
  return holding.addresses.map(({ address, pool }) => ({ address, pool }));
}

/** Counts the Service in the pool of the address, once however many addresses it has there. */
function count(held: Held, holding: Holding, change: 1 | -1): void {
  held.block?.pool.countHolder(held, holding.service, change);
  const pool = held.block?.pool;
  const isCounted = holding.addresses.some((other) => other !== held && other.block?.pool === pool);
  if (!isCounted && pool) pool.services += change;
}

function index(held: Held, holding: Holding): void {
  if (holding.sharing.key === "") return;
  if (!held.ports) {
    held.ports = new Map();
    held.block?.share(held.address.value, holding.sharing);
  }
  for (const port of holding.sharing.ports) held.ports.set(port, holding);
}

function unindex(held: Held, holding: Holding): void {
  if (!held.ports || holding.sharing.key === "") return;
  for (const port of holding.sharing.ports) {
    if (held.ports.get(port) === holding) held.ports.delete(port);
  }
  if (held.holdings.some((other) => other !== holding)) {
    held.block?.openShared(held.address.value, holding.sharing);
  } else {
    held.block?.unshare(held.address.value, holding.sharing);
    held.ports = undefined;
  }
}
