/** What can be wrong with bytes that came from the network; each has its own counter and its own words. */
export const faultCodes = [
  "short",
  "bad-msgpack",
  "bad-field",
  "unknown-type",
  "too-large",
  "too-deep",
  "bad-label",
  "wrong-label",
  "not-encrypted",
  "cannot-decrypt",
  "unexpected-encryption",
  "unsupported-encryption",
  "bad-checksum",
  "bad-compression",
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** The peer's bytes are not what the protocol says: a value, never an exception, once it leaves the codec. */
export class WireFault {
  constructor(
    readonly code: FaultCode,
    readonly detail: string,
  ) {}
}

/** Carries a {@link WireFault} from the depth of a decoder to its door; nobody outside the codec sees it. */
export class WireError extends Error {
  readonly fault: WireFault;

  constructor(code: FaultCode, detail: string) {
    super(detail);
    this.name = "WireError";
    this.fault = new WireFault(code, detail);
  }
}
