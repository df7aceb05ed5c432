import type { Action, Endpoint, FaultCode, WireFault } from "#core/membership/memberlist/mod.ts";

/** What a peer does that keeps it out of the ring, or the ring out of it. */
export type ComplaintCode =
  | FaultCode
  | "refused"
  | "conflict"
  | "incompatible"
  | "tcp-only"
  | "unreachable"
  | "cannot-listen";

export interface Complaint {
  readonly peer: string;
  readonly code: ComplaintCode;
  /** In words, with what to look at. */
  readonly text: string;
  /** Epoch ms of the last time. */
  readonly at: number;
  readonly count: number;
}

type Blame = Extract<Action, { type: "fault" | "conflict" | "incompatible" | "refused" | "tcp-only" }>;

const complaintsMax = 64;
const logEveryMs = 60_000;
/** What was not seen for so long is over. */
const forgetAfterMs = 180_000;

/** What the codes of the codec mean to whoever runs the cluster. */
const meanings: Partial<Record<FaultCode, string>> = {
  "cannot-decrypt":
    "its messages cannot be decrypted: its secret key is another one than this node's (Secret memberlist, key secretkey)",
  "not-encrypted":
    "it speaks in the clear while this node has a secret key: give it the Secret memberlist too (--ml-secret-key-path)",
  "unexpected-encryption":
    "it encrypts while this node has no secret key: give this node the Secret memberlist too (--ml-secret-key-path)",
  "wrong-label": "it belongs to a ring with another label",
  "bad-checksum": "its datagrams are damaged on the way: their checksum is wrong",
};

/** Bounded memory of what is wrong, and a log that says each thing once a minute. */
export class Complaints {
  readonly #byKey = new Map<string, Complaint & { loggedAt: number | undefined }>();
  readonly #log: (complaint: Complaint) => void;

  constructor(log: (complaint: Complaint) => void) {
    this.#log = log;
  }

  fault({ code, detail }: WireFault, { address }: Endpoint, at: number): void {
    this.add(address, code, meanings[code] ?? `it sends what is no message of memberlist: ${detail}`, at);
  }

  /** What the deciding part found wrong with somebody. */
  about(action: Blame, at: number): void {
    if (action.type === "fault") this.fault(action.fault, action.from, at);
    else if (action.type === "conflict") {
      const { node, held, claimed } = action;
      const text = `it calls itself "${node}", which is the name of ${held.address}:${held.port}; the first one counts until it leaves or is forgotten`;
      this.add(`${claimed.address}:${claimed.port}`, "conflict", text, at);
    } else if (action.type === "incompatible")
      this.add(action.node, "incompatible", `it speaks ${action.reason}`, at);
    else if (action.type === "refused")
      this.add(action.by.address, "refused", `it refuses this node: ${action.error}`, at);
    else
      this.add(
        action.node,
        "tcp-only",
        "it answers over TCP and not over UDP, which is blocked on the way",
        at,
      );
  }

  add(peer: string, code: ComplaintCode, text: string, at: number): void {
    const key = `${peer} ${code}`;
    const before = this.#byKey.get(key);
    const complaint = { peer, code, text, at, count: (before?.count ?? 0) + 1 };
    // That a fellow is not up yet is no news; that it still is not when it is tried again is.
    const isNews = code !== "unreachable" || complaint.count > 1;
    const isDue = isNews && at - (before?.loggedAt ?? Number.NEGATIVE_INFINITY) >= logEveryMs;
    // Again at the end, so that the first of the map is the oldest.
    this.#byKey.delete(key);
    this.#byKey.set(key, { ...complaint, loggedAt: isDue ? at : before?.loggedAt });
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > complaintsMax && oldest !== undefined) this.#byKey.delete(oldest);
    if (isDue) this.#log(complaint);
  }

  /** It joined: what kept it out is over. */
  settled(peer: string): void {
    for (const [key, complaint] of this.#byKey) if (complaint.peer === peer) this.#byKey.delete(key);
  }

  list(now: number): Complaint[] {
    return [...this.#byKey.values()]
      .filter(({ at }) => now - at < forgetAfterMs)
      .map(({ loggedAt: _, ...complaint }) => complaint);
  }
}
