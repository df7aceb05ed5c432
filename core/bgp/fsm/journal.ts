import { describeMessage, type Message, type MessageType } from "../codec/mod.ts";

export type Direction = "sent" | "received";
export type MessageCounts = Readonly<Record<MessageType, number>>;

export interface JournalEntry {
  readonly at: number;
  readonly direction: Direction;
  /** The message in one line. */
  readonly text: string;
}

const entriesMax = 256;

/** What one peer was told and told us: counts since the beginning, and the last messages in words. */
export class Journal {
  readonly #counts = { sent: noMessages(), received: noMessages() };
  /** A ring: the oldest entry is at `#next` once it is full. */
  readonly #entries: JournalEntry[] = [];
  #next = 0;

  /** KEEPALIVEs are counted only, or else they would push out everything that matters. */
  record(at: number, direction: Direction, message: Message): void {
    this.#count(direction, message.type);
    if (message.type !== "KEEPALIVE") this.#append({ at, direction, text: describeMessage(message) });
  }

  /** A message that was packed as bytes, with its words. */
  recordSent(at: number, type: MessageType, text: string): void {
    this.#count("sent", type);
    this.#append({ at, direction: "sent", text });
  }

  counts(direction: Direction): MessageCounts {
    return this.#counts[direction];
  }

  /** Oldest first. */
  entries(): JournalEntry[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }

  #count(direction: Direction, type: MessageType): void {
    this.#counts[direction][type]++;
  }

  #append(entry: JournalEntry): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % entriesMax;
  }
}

function noMessages(): Record<MessageType, number> {
  return { OPEN: 0, UPDATE: 0, NOTIFICATION: 0, KEEPALIVE: 0, "ROUTE-REFRESH": 0 };
}
