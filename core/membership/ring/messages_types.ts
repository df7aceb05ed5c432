import type { Boot, NodeId } from "./identity.ts";
import type { SpokenStanding } from "./standing.ts";

/** A stretch of the ring, both ends included, whose members the receiver is asked to pass the news on to. */
export interface Arc {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** What one speaker says to another. Each kind is a row of the table in `messages.ts`. */
export type Message =
  /** A sign of life to a watcher. */
  | {
      readonly kind: "beat";
      /** Grows by one with each interval. */
      readonly number: number;
      readonly incarnation: number;
      /** How late the loop that sends this was: a process that breathes but does not work says so itself. */
      readonly lateMs: number;
      /** How badly the sender does, 0 (well) to 8: see `awareness.ts`. */
      readonly awareness: number;
      /** Of all the sender knows of the members: {@link standingHash}. */
      readonly digest: number;
    }
  /** Goodbye. */
  | { readonly kind: "leave"; readonly incarnation: number; readonly arc: Arc | undefined }
  /** To the other watchers: I do not hear the target. */
  | { readonly kind: "accuse"; readonly target: NodeId; readonly boot: Boot; readonly silentMs: number }
  /** To the accuser: I did hear the target, so long ago. */
  | { readonly kind: "veto"; readonly target: NodeId; readonly boot: Boot; readonly ageMs: number }
  /** Answer at once. */
  | { readonly kind: "probe"; readonly token: number; readonly digest: number }
  /** Ask the target for me. */
  | { readonly kind: "probe-for"; readonly token: number; readonly target: NodeId; readonly boot: Boot }
  /** The target lives: the sender itself, or whom it was asked to ask. */
  | {
      readonly kind: "ack";
      readonly token: number;
      readonly target: NodeId;
      readonly boot: Boot;
      readonly digest: number;
    }
  /** What became of members. */
  | { readonly kind: "verdict"; readonly arc: Arc | undefined; readonly standings: readonly SpokenStanding[] }
  /** What a member says of itself. */
  | {
      readonly kind: "facts";
      readonly arc: Arc | undefined;
      readonly member: NodeId;
      /** The run that said it. */
      readonly boot: Boot;
      readonly version: number;
      readonly facts: Uint8Array;
    }
  /** Something that the ring only carries. */
  | { readonly kind: "tell"; readonly topic: number; readonly payload: Uint8Array }
  /** To the watchers: tell these first when you find me dead. */
  | { readonly kind: "heirs"; readonly heirs: readonly NodeId[] }
  /** The digests of all stretches of the ring, to find where two members differ. */
  | { readonly kind: "digest"; readonly stretches: readonly number[] }
  /** All that the sender holds of a stretch, or, in reply, what it holds better. */
  | {
      readonly kind: "standings";
      readonly arc: Arc;
      readonly isReply: boolean;
      readonly standings: readonly SpokenStanding[];
    }
  /** Give me the facts of these. */
  | { readonly kind: "ask-facts"; readonly members: readonly NodeId[] }
  /** To one that is back: so often was it lost lately. */
  | { readonly kind: "welcome"; readonly flaps: number };

export type MessageKind = Message["kind"];
export type MessageOf<Kind extends MessageKind> = Extract<Message, { kind: Kind }>;
