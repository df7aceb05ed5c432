import { type Mac, macFromBytes } from "#core/net/mod.ts";
import { macBytes, sameMacBytes } from "./ethernet.ts";
import { isUnspecified } from "./ipv6_groups.ts";
import { findOption, ndpOffsets, ndpOptionType, ndpType, nonceBytes } from "./ndp_frame.ts";
import { isOnInterface, type Owned, type OwnedTable } from "./owned.ts";

/**
 * The owned address that another host advertises in this frame as its own (RFC 4862 §5.4.4), with that host's MAC.
 * `ownMacs` are those of all interfaces of this node, for two of them may hang on one segment. The frame is valid.
 */
export function foreignAdvertisement(
  frame: Uint8Array,
  interfaceName: string,
  owned: OwnedTable,
  ownMacs: readonly Uint8Array[],
): { entry: Owned; mac: Mac } | undefined {
  if (frame[ndpOffsets.type] !== ndpType.advertisement) return undefined;
  const entry = owned.ipv6(frame, ndpOffsets.target);
  if (!entry || !isOnInterface(entry, interfaceName)) return undefined;
  // The option may be left out of an answer to a question that was sent to one host (RFC 4861 §4.4).
  const option = findOption(frame, ndpOptionType.targetLinkLayer);
  const macAt = option === undefined ? ndpOffsets.source : option + 2;
  for (const mac of ownMacs) if (sameMacBytes(frame, macAt, mac, 0)) return undefined;
  return { entry, mac: macFromBytes(frame.subarray(macAt, macAt + macBytes)) };
}

/**
 * The address of the table that another host's duplicate address detection asks for in this frame (RFC 4862 §5.4.3),
 * which is a conflict while this node asks for it too, with that host's MAC. A question of this node that a switch sent
 * back is none: it carries the nonce of its asker (RFC 7527 §4.2). The frame is valid.
 */
export function foreignDetection(
  frame: Uint8Array,
  interfaceName: string,
  owned: OwnedTable,
  ownMacs: readonly Uint8Array[],
  ownNonce: Uint8Array,
): { entry: Owned; mac: Mac } | undefined {
  if (frame[ndpOffsets.type] !== ndpType.solicitation) return undefined;
  if (!isUnspecified(frame, ndpOffsets.sourceAddress)) return undefined;
  const entry = owned.ipv6(frame, ndpOffsets.target);
  if (!entry || !isOnInterface(entry, interfaceName)) return undefined;
  const nonce = findOption(frame, ndpOptionType.nonce);
  if (nonce !== undefined && sameNonce(frame, nonce, ownNonce)) return undefined;
  for (const mac of ownMacs) if (sameMacBytes(frame, ndpOffsets.source, mac, 0)) return undefined;
  return { entry, mac: macFromBytes(frame.subarray(ndpOffsets.source, ndpOffsets.source + macBytes)) };
}

function sameNonce(frame: Uint8Array, option: number, nonce: Uint8Array): boolean {
  if (frame[option + 1] !== 1) return false;
  for (let i = 0; i < nonceBytes; i++) if (frame[option + 2 + i] !== nonce[i]) return false;
  return true;
}
