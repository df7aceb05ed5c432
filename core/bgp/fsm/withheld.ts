import { Reader, ShortReadError } from "#core/bytes/mod.ts";
import { capabilityCode, capabilityTable, type NotificationMessage, readCapabilities } from "../codec/mod.ts";
import { localCapabilities } from "./open_check.ts";
import type { Session } from "./session.ts";

const OPEN_ERROR = 2;
const UNSUPPORTED_OPTIONAL_PARAMETER = 4;
const UNSUPPORTED_CAPABILITY = 7;

/**
 * RFC 5492 §3: a peer that does not know the Capabilities parameter is tried again without it; one that names the
 * capabilities it cannot take, without these, and one that names none, without those that the session can do without.
 * Each answer leaves fewer to refuse, so that there is an end. Undefined: the NOTIFICATION is about something else, or
 * about nothing that we sent.
 */
export function withheldAfter(
  session: Session,
  message: NotificationMessage,
): Session["withheld"] | undefined {
  if (session.state === "Established" || message.code !== OPEN_ERROR) return undefined;
  const offered = localCapabilities(session).map(capabilityCode);
  if (offered.length === 0) return undefined;
  if (message.subcode === UNSUPPORTED_OPTIONAL_PARAMETER) return "all";
  if (message.subcode !== UNSUPPORTED_CAPABILITY) return undefined;
  const { withheld = [] } = session;
  if (withheld === "all") return undefined;
  const refused = message.data.length === 0 ? offered.filter(isOptional) : codesIn(message.data);
  const more = [...new Set(refused.filter((code) => offered.includes(code)))];
  if (more.length > 0) return [...withheld, ...more];
  return message.data.length === 0 ? "all" : undefined;
}

/** The routes need the family, and a large AS number its four octets. */
function isOptional(code: number): boolean {
  return code !== capabilityTable.Multiprotocol.code && code !== capabilityTable.FourOctetAs.code;
}

function codesIn(data: Uint8Array): number[] {
  try {
    return readCapabilities(new Reader(data)).map(capabilityCode);
  } catch (error) {
    if (error instanceof ShortReadError) return [];
    throw error;
  }
}
