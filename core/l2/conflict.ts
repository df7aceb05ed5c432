import { type Mac, macFromBytes } from "#core/net/mod.ts";
import { arpOffsets } from "./arp.ts";
import { macBytes, readU32, sameMacBytes } from "./ethernet.ts";
import { isOnInterface, type Owned, type OwnedTable } from "./owned.ts";

/**
 * The owned address that another host speaks as in this frame (RFC 5227 §2.4: an ARP packet, request or reply, whose
 * sender address is ours and whose sender MAC is not). `ownMacs` are those of all interfaces of this node, for two of
 * them may hang on one segment. The frame has been found well formed.
 */
export function foreignClaim(
  frame: Uint8Array,
  interfaceName: string,
  owned: OwnedTable,
  ownMacs: readonly Uint8Array[],
): Owned | undefined {
  const entry = owned.ipv4(readU32(frame, arpOffsets.senderAddress));
  if (!entry || !isOnInterface(entry, interfaceName)) return undefined;
  for (const mac of ownMacs) if (sameMacBytes(frame, arpOffsets.senderMac, mac, 0)) return undefined;
  return entry;
}

/** The MAC that a frame's ARP packet names as its sender. */
export function senderMac(frame: Uint8Array): Mac {
  return macFromBytes(frame.subarray(arpOffsets.senderMac, arpOffsets.senderMac + macBytes));
}

/** Reports of one foreign host on one address are this far apart. */
export const conflictIntervalMs = 1_000;
const rememberedMax = 1_024;

/** Keeps a flood of foreign answers from becoming a flood of reports. */
export class ConflictLimiter {
  readonly #reportedAt = new Map<string, number>();

  /** Whether this conflict is to be reported now. */
  admit(address: string, mac: Mac, interfaceName: string, now: number): boolean {
    const id = `${address} ${mac} ${interfaceName}`;
    const last = this.#reportedAt.get(id);
    if (last !== undefined && now - last < conflictIntervalMs) return false;
    this.#reportedAt.delete(id);
    this.#reportedAt.set(id, now);
    // Oldest first: what falls out was reported longest ago.
    for (const oldest of this.#reportedAt.keys()) {
      if (this.#reportedAt.size <= rememberedMax) break;
      this.#reportedAt.delete(oldest);
    }
    return true;
  }
}
