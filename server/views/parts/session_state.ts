import type { BgpSessionRow } from "../../ports.ts";
import type { Tone } from "./mark.tsx";

/** RFC 4271 state names are said verbatim in both languages; the shape tells up, on its way, and down. */
export function sessionTone(state: BgpSessionRow["state"]): Tone {
  if (state === "Established") return "good";
  return state === "OpenSent" || state === "OpenConfirm" ? "warning" : "critical";
}
