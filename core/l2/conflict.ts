import { type Mac, macFromBytes } from "#core/net/mod.ts";
import { arpOffsets, arpOperation } from "./arp.ts";
import { macBytes, readU16, readU32, sameMacBytes } from "./ethernet.ts";
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

/**
 * The address of the table that another host probes for in this frame (RFC 5227 §2.1.1: sender address 0.0.0.0), which
 * is a conflict while this node probes for it too. The frame has been found well formed.
 */
export function foreignProbe(
  frame: Uint8Array,
  interfaceName: string,
  owned: OwnedTable,
  ownMacs: readonly Uint8Array[],
): Owned | undefined {
  if (readU16(frame, arpOffsets.operation) !== arpOperation.request) return undefined;
  if (readU32(frame, arpOffsets.senderAddress) !== 0) return undefined;
  const entry = owned.ipv4(readU32(frame, arpOffsets.targetAddress));
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
/** An address is defended at most this often, so that two hosts that both keep it do not shout without end (RFC 5227 §2.4). */
export const defendIntervalMs = 10_000;
const rememberedMax = 1_024;

/** Keeps a flood of foreign frames from becoming a flood of reports or of defences. */
export class ConflictLimiter {
  readonly #intervalMs: number;
  readonly #admittedAt = new Map<string, number>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Whether something is to be done about this conflict now. A defence is against all hosts: its `mac` is "". */
  admit(address: string, mac: Mac, interfaceName: string, now: number): boolean {
    const id = `${address} ${mac} ${interfaceName}`;
    const last = this.#admittedAt.get(id);
    if (last !== undefined && now - last < this.#intervalMs) return false;
    this.#admittedAt.delete(id);
    this.#admittedAt.set(id, now);
    // Oldest first: what falls out was admitted longest ago.
    for (const oldest of this.#admittedAt.keys()) {
      if (this.#admittedAt.size <= rememberedMax) break;
      this.#admittedAt.delete(oldest);
    }
    return true;
  }
}
