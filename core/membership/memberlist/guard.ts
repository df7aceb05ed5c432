import { ShortReadError } from "#core/bytes/mod.ts";
import { WireError, WireFault } from "./fault.ts";

/** The door of every decoder: what the peer did wrong comes out as a {@link WireFault}, our own bugs are thrown on. */
export function guarded<Value>(decode: () => Value): Value | WireFault {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WireError) return error.fault;
    if (error instanceof ShortReadError) return new WireFault("short", error.message);
    throw error;
  }
}
