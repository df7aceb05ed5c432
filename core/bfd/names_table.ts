/** RFC 5880 §4.1, Sta: the index is the code. */
export const sessionStates = ["AdminDown", "Down", "Init", "Up"] as const;
export type SessionState = (typeof sessionStates)[number];

/** RFC 5880 §4.1, Diag: the index is the code. */
export const diagnostics = [
  "No Diagnostic",
  "Control Detection Time Expired",
  "Echo Function Failed",
  "Neighbor Signaled Session Down",
  "Forwarding Plane Reset",
  "Path Down",
  "Concatenated Path Down",
  "Administratively Down",
  "Reverse Concatenated Path Down",
] as const;
export type Diagnostic = (typeof diagnostics)[number];

/** What this side says of itself: the code of one of the reasons. */
export function diagnosticCode(name: Diagnostic): number {
  return diagnostics.indexOf(name);
}

/** What a peer says; codes from 9 on are of later documents or of nobody. */
export function diagnosticName(code: number): string {
  return diagnostics[code] ?? `diagnostic ${code}`;
}

/** RFC 5880 §4.1, Auth Type: the index is the code. */
const authenticationTypes = [
  "reserved",
  "Simple Password",
  "Keyed MD5",
  "Meticulous Keyed MD5",
  "Keyed SHA1",
  "Meticulous Keyed SHA1",
];

export function authenticationName(type: number): string {
  return authenticationTypes[type] ?? `type ${type}`;
}
