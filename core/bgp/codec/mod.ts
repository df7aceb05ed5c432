/**
 * BGP messages as bytes and as values: RFC 4271, 1997, 2545, 2918, 4486, 4760, 5492, 6608, 6793, 7313, 7606, 8092, 8654,
 * 8950, 9003, 9072. What is known of attributes, capabilities and errors stands in one table each.
 *
 * ```ts
 * const framer = new MessageFramer();
 * for (const bytes of framer.push(chunk)) {
 *   const message = decodeMessage(bytes, { fourOctetAs: true, isExternal: true });
 * }
 * ```
 *
 * Whatever the peer sends, decoding gives a message or throws a {@link BgpError}, which is the NOTIFICATION to send.
 */
export * from "./as_path.ts";
export type {
  Aggregator,
  AttributeName,
  CodecContext,
  Origin,
  PathAttributes,
  UnknownAttribute,
} from "./attribute_table.ts";
export { attributeTable } from "./attribute_table.ts";
export {
  capabilityCode,
  capabilityValues,
  describeCapability,
  encodeCapability,
  readCapabilities,
} from "./capabilities.ts";
export { type Capability, type CapabilityName, capabilityTable } from "./capability_table.ts";
export * from "./community.ts";
export { BgpError, bgpError, type Handling } from "./error.ts";
export * from "./family.ts";
export { MessageFramer } from "./framer.ts";
export { extendedMessageLengthMax, type MessageType, messageLengthMax } from "./header.ts";
export { decodeMessage, encodeMessage } from "./message.ts";
export * from "./message_words.ts";
export type * from "./messages.ts";
export type { MpReach, MpUnreach } from "./multiprotocol.ts";
export { ceaseNotification, notificationOf } from "./notification.ts";
export {
  type CeaseReason,
  notificationName,
  notificationTable,
  type SubcodeName,
} from "./notification_table.ts";
export { describeNotification } from "./notification_words.ts";
export { prefixFieldLength } from "./prefix_field.ts";
export { encodeRouteRefresh } from "./route_refresh.ts";
export {
  announcedPrefixes,
  assembleReach,
  assembleUnreach,
  assembleUpdate,
  encodeRouteAttributes,
  endOfRibFamily,
  reachLengthMin,
  unreachLengthMin,
  updateLengthMin,
  withdrawnPrefixes,
} from "./update.ts";
