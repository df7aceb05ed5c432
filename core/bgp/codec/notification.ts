import { type Reader, Writer } from "#core/bytes/mod.ts";
import type { BgpError } from "./error.ts";
import { finishMessage, headerLength, writeHeader } from "./header.ts";
import type { NotificationMessage } from "./messages.ts";
import { type CeaseReason, notificationTable } from "./notification_table.ts";

export function decodeNotification(body: Reader): NotificationMessage {
  return { type: "NOTIFICATION", code: body.u8(), subcode: body.u8(), data: body.rest().slice() };
}

export function encodeNotification({ code, subcode, data }: NotificationMessage): Uint8Array {
  const writer = writeHeader(new Writer(headerLength + 2 + data.length), "NOTIFICATION");
  return finishMessage(writer.u8(code).u8(subcode).bytes(data));
}

/** Octets of an erroneous message that are worth sending back. */
const dataLengthMax = 1024;

export function notificationOf(error: BgpError): NotificationMessage {
  const data = error.data.subarray(0, dataLengthMax);
  return { type: "NOTIFICATION", code: error.code, subcode: error.subcode, data };
}

/** RFC 9003 §2: the longest text of a shutdown, in octets of UTF-8. */
export const shutdownTextLengthMax = 255;

/** A Cease; `text` goes with Administrative Shutdown and Administrative Reset only (RFC 9003 §2), cut to fit. */
export function ceaseNotification(reason: CeaseReason, text = ""): NotificationMessage {
  const { code, subcodes } = notificationTable.Cease;
  const mayTalk = reason === "Administrative Shutdown" || reason === "Administrative Reset";
  const data = mayTalk && text !== "" ? shutdownData(text) : new Uint8Array(0);
  return { type: "NOTIFICATION", code, subcode: subcodes[reason], data };
}

/** Length (1 octet) and the text in UTF-8, cut between characters. */
function shutdownData(text: string): Uint8Array {
  const buffer = new Uint8Array(1 + shutdownTextLengthMax);
  const { written } = new TextEncoder().encodeInto(text, buffer.subarray(1));
  buffer[0] = written;
  return buffer.slice(0, 1 + written);
}
