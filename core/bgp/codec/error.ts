import {
  type ErrorName,
  notificationName,
  notificationTable,
  type SubcodeName,
} from "./notification_table.ts";

/** What RFC 7606 §2 makes of an error, from the harshest to the mildest. */
export type Handling = "session-reset" | "treat-as-withdraw" | "attribute-discard";

/**
 * The peer broke the protocol. The error IS the NOTIFICATION to send (code, subcode, data) plus how RFC 7606 wants
 * it handled; only `session-reset` is really sent.
 */
export class BgpError extends Error {
  constructor(
    readonly code: number,
    readonly subcode: number,
    /** What was found and what is allowed. */
    readonly detail: string,
    readonly data: Uint8Array,
    readonly handling: Handling,
  ) {
    super(`${notificationName(code, subcode)} (${detail})`);
    this.name = "BgpError";
  }
}

/** A {@link BgpError} by the standard's words: `bgpError("OPEN Message Error", "Bad Peer AS", "…")`. */
export function bgpError<Name extends ErrorName>(
  name: Name,
  subcode: SubcodeName<Name>,
  detail: string,
  data: Uint8Array = new Uint8Array(0),
  handling: Handling = "session-reset",
): BgpError {
  const row: { readonly code: number; readonly subcodes: Readonly<Record<string, number>> } =
    notificationTable[name];
  return new BgpError(row.code, row.subcodes[subcode] ?? 0, detail, data, handling);
}
