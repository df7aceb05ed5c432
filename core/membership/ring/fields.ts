import type { Reader, Writer } from "#core/bytes/mod.ts";
import type { NodeId } from "./identity.ts";
import type { Arc } from "./messages_types.ts";
import { type SpokenStanding, stateOrder } from "./standing.ts";

/** A field that holds what this version does not know; the datagram is left alone. */
export class BadFieldError extends Error {}

export function writeU48(writer: Writer, value: number): void {
  writer.u16(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
}

export function readU48(reader: Reader): number {
  return reader.u16() * 2 ** 32 + reader.u32();
}

/** Ends of the stretch, 6 bytes each; from above to is none. */
export function writeArc(writer: Writer, arc: Arc | undefined): void {
  writeU48(writer, arc?.from ?? 1);
  writeU48(writer, arc?.to ?? 0);
}

export function readArc(reader: Reader): Arc | undefined {
  const from = readU48(reader);
  const to = readU48(reader);
  return from > to ? undefined : { from, to };
}

/** Count u16, and 6 bytes each. */
export function writeIds(writer: Writer, ids: readonly NodeId[]): void {
  writer.u16(ids.length);
  for (const id of ids) writeU48(writer, id);
}

export function readIds(reader: Reader): NodeId[] {
  return readList(reader, 6, readU48);
}

export const standingBytes = 27;

/** Count u16, and for each: id 6 | boot 6 | incarnation 6 | facts version 6 | state u8, 0 alive | silent for, ms u16 */
export function writeStandings(writer: Writer, standings: readonly SpokenStanding[]): void {
  writer.u16(standings.length);
  for (const each of standings) {
    for (const value of [each.id, each.boot, each.incarnation, each.factsVersion]) writeU48(writer, value);
    writer.u8(stateOrder.indexOf(each.state)).u16(clamp(each.silentMs));
  }
}

export function readStandings(reader: Reader): SpokenStanding[] {
  return readList(reader, standingBytes, () => {
    const [id, boot, incarnation, factsVersion] = [
      readU48(reader),
      readU48(reader),
      readU48(reader),
      readU48(reader),
    ];
    const state = stateOrder[reader.u8()];
    if (!state) throw new BadFieldError();
    return { id, boot, incarnation, factsVersion, state, silentMs: reader.u16() };
  });
}

/** A time in ms as u16: what is longer makes no difference. */
export const clamp = (ms: number) => Math.min(Math.max(Math.round(ms), 0), 0xffff);

/** The count is held against what is there before anything is made of it. */
export function readList<T>(reader: Reader, entryBytes: number, read: (reader: Reader) => T): T[] {
  const count = reader.u16();
  if (count * entryBytes > reader.remaining) reader.bytes(count * entryBytes);
  return Array.from({ length: count }, () => read(reader));
}
