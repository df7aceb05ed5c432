import { encodeSpeakerFacts, type SpeakerFacts } from "#core/announce/mod.ts";
import type { Prefix } from "#core/net/mod.ts";

export interface ServingInterface {
  readonly name: string;
  readonly connected: readonly Prefix[];
}

/** fe80::/10 says nothing about where an address can be reached: every interface has it. */
const linkLocalTop = 0xfe80n >> 6n;

/**
 * What this node says of itself to all others. They hear of each change at once, so that a node whose cable is pulled
 * loses what it announces though it still speaks to them over another interface.
 */
export class Facts {
  readonly #say: (facts: Uint8Array, now: number) => void;
  #facts: SpeakerFacts;

  /** `stableSince` is in epoch seconds. Nothing is said before the interfaces are known. */
  constructor(stableSince: number, say: (facts: Uint8Array, now: number) => void) {
    this.#say = say;
    this.#facts = { interfaces: [], isTruncated: false, stableSince, flaps: 0, isAnswering: true };
  }

  setInterfaces(interfaces: readonly ServingInterface[], now: number): void {
    const useful = interfaces.map(({ name, connected }) => ({
      name,
      connected: connected.filter((prefix) => !isLinkLocal(prefix)),
    }));
    this.#set({ interfaces: useful }, now);
  }

  setAnswering(isAnswering: boolean, now: number): void {
    this.#set({ isAnswering }, now);
  }

  /** How often the others lost this node of late; one time more, and it is stable only since then. */
  setFlaps(flaps: number, epochSeconds: number, now: number): void {
    const stableSince = flaps > this.#facts.flaps ? epochSeconds : this.#facts.stableSince;
    this.#set({ flaps, stableSince }, now);
  }

  #set(changes: Partial<SpeakerFacts>, now: number): void {
    this.#facts = { ...this.#facts, ...changes };
    this.#say(encodeSpeakerFacts(this.#facts), now);
  }
}

function isLinkLocal({ address }: Prefix): boolean {
  return address.family === "ipv6" && address.value >> 118n === linkLocalTop;
}
