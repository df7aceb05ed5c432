/**
 * NOTIFICATION codes and subcodes in IANA's words, which are also how our code names them: RFC 4271 §4.5, RFC 4486
 * (Cease), RFC 6608 (FSM), RFC 7313, RFC 8538 (Hard Reset), RFC 9234 (roles), RFC 9384 (BFD), RFC 9687.
 */
export const notificationTable = {
  "Message Header Error": {
    code: 1,
    subcodes: { "Connection Not Synchronized": 1, "Bad Message Length": 2, "Bad Message Type": 3 },
  },
  "OPEN Message Error": {
    code: 2,
    subcodes: {
      Unspecific: 0,
      "Unsupported Version Number": 1,
      "Bad Peer AS": 2,
      "Bad BGP Identifier": 3,
      "Unsupported Optional Parameter": 4,
      "Authentication Failure": 5,
      "Unacceptable Hold Time": 6,
      "Unsupported Capability": 7,
      "Role Mismatch": 11,
    },
  },
  "UPDATE Message Error": {
    code: 3,
    subcodes: {
      "Malformed Attribute List": 1,
      "Unrecognized Well-known Attribute": 2,
      "Missing Well-known Attribute": 3,
      "Attribute Flags Error": 4,
      "Attribute Length Error": 5,
      "Invalid ORIGIN Attribute": 6,
      "AS Routing Loop": 7,
      "Invalid NEXT_HOP Attribute": 8,
      "Optional Attribute Error": 9,
      "Invalid Network Field": 10,
      "Malformed AS_PATH": 11,
    },
  },
  "Hold Timer Expired": { code: 4, subcodes: { "": 0 } },
  "Finite State Machine Error": {
    code: 5,
    subcodes: {
      "Unspecified Error": 0,
      "Receive Unexpected Message in OpenSent State": 1,
      "Receive Unexpected Message in OpenConfirm State": 2,
      "Receive Unexpected Message in Established State": 3,
    },
  },
  Cease: {
    code: 6,
    subcodes: {
      "Maximum Number of Prefixes Reached": 1,
      "Administrative Shutdown": 2,
      "Peer De-configured": 3,
      "Administrative Reset": 4,
      "Connection Rejected": 5,
      "Other Configuration Change": 6,
      "Connection Collision Resolution": 7,
      "Out of Resources": 8,
      "Hard Reset": 9,
      "BFD Down": 10,
    },
  },
  "ROUTE-REFRESH Message Error": { code: 7, subcodes: { "Invalid Message Length": 1 } },
  "Send Hold Timer Expired": { code: 8, subcodes: { "": 0 } },
} as const;

export type ErrorName = keyof typeof notificationTable;
export type SubcodeName<Name extends ErrorName> = keyof (typeof notificationTable)[Name]["subcodes"] & string;
export type CeaseReason = SubcodeName<"Cease">;

/** `OPEN Message Error, Bad Peer AS`; numbers where a code is not in the table. */
export function notificationName(code: number, subcode: number): string {
  for (const [name, row] of Object.entries(notificationTable)) {
    if (row.code !== code) continue;
    const known = Object.entries<number>(row.subcodes).find(([, value]) => value === subcode);
    if (known) return known[0] === "" ? name : `${name}, ${known[0]}`;
    return subcode === 0 ? name : `${name}, subcode ${subcode}`;
  }
  return `error code ${code}, subcode ${subcode}`;
}
