import type { Clock } from "#io/mod.ts";
import type { Dial } from "./dial.ts";
import type { AcceptsPassword } from "./password_rotation.ts";

/** What a session needs of the world. */
export interface SessionWorld {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: Dial;
  readonly acceptsPassword: AcceptsPassword;
  /** The process was started a moment ago, and its peers may still hold the routes of the one before. */
  readonly hasRestarted: boolean;
  /** Something that people see has changed. */
  readonly changed: () => void;
  readonly log: (level: "info" | "warn", message: string) => void;
}
