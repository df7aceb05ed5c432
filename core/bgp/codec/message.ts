import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";
import type { CodecContext } from "./attribute_table.ts";
import { BgpError, bgpError } from "./error.ts";
import {
  finishMessage,
  headerLength,
  type MessageType,
  messageTypeOf,
  messageTypes,
  writeHeader,
} from "./header.ts";
import type { Message } from "./messages.ts";
import { decodeNotification, encodeNotification } from "./notification.ts";
import { decodeOpen, encodeOpen } from "./open.ts";
import { decodeRouteRefresh, encodeRouteRefresh } from "./route_refresh.ts";
import { decodeUpdate, encodeUpdate } from "./update.ts";

/** Reads one whole message as the framer gave it; throws a BgpError and nothing else. */
export function decodeMessage(message: Uint8Array, context: CodecContext): Message {
  const code = message[headerLength - 1] ?? 0;
  const type = messageTypeOf(code);
  if (!type) {
    const detail = `message type ${code}; known are 1 to 5`;
    throw bgpError("Message Header Error", "Bad Message Type", detail, Uint8Array.of(code));
  }
  const { lengthMin } = messageTypes[type];
  if (message.length < lengthMin || (type === "KEEPALIVE" && message.length > lengthMin)) {
    const detail = `${type} of ${message.length} octets; ${type === "KEEPALIVE" ? "its length is" : "the shortest has"} ${lengthMin}`;
    throw bgpError("Message Header Error", "Bad Message Length", detail, message.slice(16, 18));
  }
  try {
    return decodeBody(type, new Reader(message, headerLength), message, context);
  } catch (error) {
    if (error instanceof BgpError) throw error;
    if (error instanceof ShortReadError) throw truncated(type, error);
    throw error;
  }
}

function decodeBody(type: MessageType, body: Reader, message: Uint8Array, context: CodecContext): Message {
  switch (type) {
    case "OPEN":
      return decodeOpen(body);
    case "UPDATE":
      return decodeUpdate(body, context);
    case "NOTIFICATION":
      return decodeNotification(body);
    case "KEEPALIVE":
      return { type };
    case "ROUTE-REFRESH":
      return decodeRouteRefresh(body, message);
  }
}

/** A field that overruns its message: only OPEN and UPDATE have such fields. */
function truncated(type: MessageType, { message: detail }: ShortReadError): BgpError {
  if (type === "OPEN") return bgpError("OPEN Message Error", "Unspecific", detail);
  return bgpError("UPDATE Message Error", "Malformed Attribute List", detail);
}

export function encodeMessage(message: Message, context: CodecContext): Uint8Array {
  switch (message.type) {
    case "OPEN":
      return encodeOpen(message);
    case "UPDATE":
      return encodeUpdate(message, context);
    case "NOTIFICATION":
      return encodeNotification(message);
    case "KEEPALIVE":
      return finishMessage(writeHeader(new Writer(headerLength), "KEEPALIVE"));
    case "ROUTE-REFRESH":
      return encodeRouteRefresh(message);
  }
}
