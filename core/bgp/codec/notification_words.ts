import { Reader, ShortReadError } from "#core/bytes/mod.ts";
import { attributesByCode } from "./attribute_table.ts";
import { describeCapability, readCapabilities } from "./capabilities.ts";
import { familyName } from "./family.ts";
import type { NotificationMessage } from "./messages.ts";
import { notificationName } from "./notification_table.ts";

/** `OPEN Message Error, Bad Peer AS (peer was told AS 64999 and expects another)`: name, and what the sender put into the data. */
export function describeNotification({ code, subcode, data }: NotificationMessage): string {
  const name = notificationName(code, subcode);
  const detail =
    data.length === 0 ? undefined : (dataWords(code, subcode, data) ?? sentence(data) ?? `data ${hex(data)}`);
  return detail === undefined ? name : `${name} (${detail})`;
}

/** What the data of a received NOTIFICATION means, by code and subcode; undefined where it means nothing known. */
function dataWords(code: number, subcode: number, data: Uint8Array): string | undefined {
  try {
    return (
      dataReaders[`${code}/${subcode}`]?.(new Reader(data)) ?? (code === 3 ? attributeWords(data) : undefined)
    );
  } catch (error) {
    if (error instanceof ShortReadError) return undefined;
    throw error;
  }
}

const dataReaders: Readonly<Record<string, (data: Reader) => string | undefined>> = {
  "1/2": (data) => (data.remaining === 2 ? `length ${data.u16()}` : undefined),
  "1/3": (data) => `message type ${data.u8()}`,
  // RFC 4271 §6.2: the largest version the peer supports.
  "2/1": (data) => `peer supports version ${data.u16()}`,
  // No RFC gives it data; BIRD sends back the AS number that it was told.
  "2/2": (data) => {
    if (data.remaining !== 2 && data.remaining !== 4) return undefined;
    return `peer was told AS ${data.remaining === 4 ? data.u32() : data.u16()} and expects another`;
  },
  // RFC 5492 §5: the capabilities that the peer insists on.
  "2/7": (data) => `peer requires ${readCapabilities(data).map(describeCapability).join(", ")}`,
  // RFC 4486 §4: AFI, SAFI and the bound.
  "6/1": (data) => {
    const family = familyName({ afi: data.u16(), safi: data.u8() });
    return `peer allows ${data.u32()} ${family} prefixes`;
  },
  "6/2": shutdownWords,
  "6/4": shutdownWords,
  // RFC 8538 §3.1: the real reason is inside, once.
  "6/9": (data) => {
    const [code, subcode] = [data.u8(), data.u8()];
    if (code === 6 && subcode === 9) return undefined;
    return describeNotification({ type: "NOTIFICATION", code, subcode, data: data.rest() });
  },
};

/** RFC 9003 §2: length and UTF-8; what is not UTF-8 stays hexadecimal. */
function shutdownWords(data: Reader): string | undefined {
  const bytes = data.bytes(data.u8());
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // A router's text ends in our logs: RFC 9003 §4 warns of control characters.
    return JSON.stringify(text.replace(/\p{Cc}|\p{Bidi_Control}/gu, " "));
  } catch {
    return undefined;
  }
}

/** No RFC asks for it; ExaBGP puts a sentence into the data of whatever it sends. */
function sentence(data: Uint8Array): string | undefined {
  const isText = data.length >= 8 && data.every((octet) => octet >= 0x20 && octet < 0x7f);
  return isText ? JSON.stringify(new TextDecoder().decode(data.subarray(0, 128))) : undefined;
}

/** RFC 4271 §6.3: the erroneous attribute, or its code alone. */
function attributeWords(data: Uint8Array): string | undefined {
  const code = data.length === 1 ? data[0] : data[1];
  const name = code === undefined ? undefined : attributesByCode.get(code)?.[0];
  return name && `attribute ${name}${data.length > 1 ? `, ${hex(data)}` : ""}`;
}

function hex(data: Uint8Array): string {
  const shown = data.subarray(0, 32).toHex();
  return data.length > 32 ? `${shown}… (${data.length} octets)` : shown;
}
