import { type Mac, macFromBytes } from "#core/net/mod.ts";
import { macBytes, sameMacBytes } from "./ethernet.ts";
import { findOption, ndpOffsets, ndpOptionType, ndpType } from "./ndp_frame.ts";
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
