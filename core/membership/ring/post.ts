import type { Datagram } from "./datagram.ts";
import type { Boot } from "./identity.ts";
import type { Member } from "./member.ts";
import type { Message } from "./messages_types.ts";
import type { MemberState } from "./standing.ts";

/** What the edge is to do, in this order. */
export type RingAction =
  /** Encode it, add the proof, and send it to the node's endpoint. */
  | { readonly type: "send"; readonly to: string; readonly datagram: Datagram }
  /** Who lives has changed. `lastHeardAt` is the last sign of life, in monotonic ms. */
  | {
      readonly type: "member";
      readonly node: string;
      readonly state: MemberState;
      readonly lastHeardAt: number;
    }
  /** What a member says of itself is new. */
  | { readonly type: "facts"; readonly node: string; readonly facts: Uint8Array }
  /** A member tells this node something; it comes once, or not at all. */
  | { readonly type: "told"; readonly node: string; readonly topic: number; readonly payload: Uint8Array }
  /** How often this node was lost to the others lately has changed. */
  | { readonly type: "flaps"; readonly count: number }
  /** Ask the default gateway whether this node's own link works, and answer with `Ring.witness()`. */
  | { readonly type: "ask-witness" }
  /** Once: every member that lives had the time to be heard, or others vouched for it. */
  | { readonly type: "settled" };

/** Numbers and addresses what is said, and collects what is to be done. */
export class Post {
  readonly #node: string;
  readonly #boot: Boot;
  #actions: RingAction[] = [];
  sentCount = 0;

  constructor(node: string, boot: Boot) {
    this.#node = node;
    this.#boot = boot;
  }

  /** Meant for the run of the receiver that is known, unless another is named. */
  send(to: Member, message: Message, receiverBoot: Boot = to.receiverBoot): void {
    this.sentCount++;
    const datagram = { node: this.#node, boot: this.#boot, receiverBoot, sequence: ++to.sequence, message };
    this.#actions.push({ type: "send", to: to.node, datagram });
  }

  put(action: RingAction): void {
    this.#actions.push(action);
  }

  take(): RingAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }
}
