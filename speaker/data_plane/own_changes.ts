import type { OwnedAddress, WireCommand } from "./protocol.ts";

/** Addresses in one message: the worker takes some milliseconds to read a thousand, and answers nobody meanwhile. */
const pieceMax = 256;

/** Remembers the set that the worker was told last, and gives what a new one means as messages. */
export class OwnChanges {
  #told = new Map<string, OwnedAddress>();

  /** At least one message, also where nothing changed: with each the worker drops what it took on its own. */
  take(addresses: readonly OwnedAddress[], verdicts: number): Extract<WireCommand, { type: "own" }>[] {
    const present = new Map(addresses.map((each) => [each.address, each] as const));
    const wanted = addresses.filter((each) => !isSame(this.#told.get(each.address), each));
    const unwanted = [...this.#told.keys()].filter((address) => !present.has(address));
    this.#told = present;
    const pieces = Math.max(1, Math.ceil(Math.max(wanted.length, unwanted.length) / pieceMax));
    return Array.from({ length: pieces }, (_, index) => ({
      type: "own",
      wanted: wanted.slice(index * pieceMax, (index + 1) * pieceMax),
      unwanted: unwanted.slice(index * pieceMax, (index + 1) * pieceMax),
      isLast: index === pieces - 1,
      verdicts,
    }));
  }
}

/** Whether an address was asked for once is no difference: only a new one is. */
function isSame(before: OwnedAddress | undefined, after: OwnedAddress): boolean {
  return (
    before !== undefined &&
    before.yieldingTo === after.yieldingTo &&
    before.interfaces.length === after.interfaces.length &&
    before.interfaces.every((name, index) => name === after.interfaces[index])
  );
}
