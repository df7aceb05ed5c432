import { type Reader, Writer } from "#core/bytes/mod.ts";
import { bgpError } from "./error.ts";
import { finishMessage, headerLength, writeHeader } from "./header.ts";
import type { RouteRefreshMessage } from "./messages.ts";

/** AFI (2 octets), subtype (1), SAFI (1): RFC 2918 §3, RFC 7313 §3.2. */
export function decodeRouteRefresh(body: Reader, message: Uint8Array): RouteRefreshMessage {
  const refresh: RouteRefreshMessage = {
    type: "ROUTE-REFRESH",
    afi: body.u16(),
    subtype: body.u8(),
    safi: body.u8(),
  };
  // RFC 7313 §5. More octets would be route filters (RFC 5291), which we never offer.
  if (body.remaining > 0) {
    const detail = `a ROUTE-REFRESH of ${message.length} octets; allowed are 23`;
    throw bgpError("ROUTE-REFRESH Message Error", "Invalid Message Length", detail, message.slice());
  }
  return refresh;
}

export function encodeRouteRefresh({ afi, subtype, safi }: RouteRefreshMessage): Uint8Array {
  const writer = writeHeader(new Writer(headerLength + 4), "ROUTE-REFRESH");
  return finishMessage(writer.u16(afi).u8(subtype).u8(safi));
}
