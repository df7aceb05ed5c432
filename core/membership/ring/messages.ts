import type { Reader, Writer } from "#core/bytes/mod.ts";
import {
  BadFieldError,
  clamp,
  readArc,
  readIds,
  readList,
  readStandings,
  readU48,
  writeArc,
  writeIds,
  writeStandings,
  writeU48,
} from "./fields.ts";
import type { MessageKind, MessageOf } from "./messages_types.ts";

interface Row<Kind extends MessageKind> {
  readonly code: number;
  write(writer: Writer, message: MessageOf<Kind>): void;
  read(reader: Reader): Omit<MessageOf<Kind>, "kind">;
}

/**
 * Every kind of message: its code, and its body field by field, big-endian. Whoever reads a body leaves alone what
 * follows the last field it knows, and drops a kind it does not know: room for what is to come.
 */
export const messageTable: { readonly [Kind in MessageKind]: Row<Kind> } = {
  // number u32 | incarnation 6 | late by, ms u16 | awareness u8 | digest u32
  beat: {
    code: 1,
    write(writer, { number, incarnation, lateMs, awareness, digest }) {
      writer.u32(number);
      writeU48(writer, incarnation);
      writer.u16(clamp(lateMs)).u8(awareness).u32(digest);
    },
    read: (reader) => ({
      number: reader.u32(),
      incarnation: readU48(reader),
      lateMs: reader.u16(),
      awareness: reader.u8(),
      digest: reader.u32(),
    }),
  },
  // incarnation 6 | arc 12
  leave: {
    code: 2,
    write(writer, { incarnation, arc }) {
      writeU48(writer, incarnation);
      writeArc(writer, arc);
    },
    read: (reader) => ({ incarnation: readU48(reader), arc: readArc(reader) }),
  },
  // target 6 | its boot 6 | silent for, ms u16
  accuse: {
    code: 3,
    write(writer, { target, boot, silentMs }) {
      writeU48(writer, target);
      writeU48(writer, boot);
      writer.u16(clamp(silentMs));
    },
    read: (reader) => ({ target: readU48(reader), boot: readU48(reader), silentMs: reader.u16() }),
  },
  // target 6 | its boot 6 | heard before, ms u16
  veto: {
    code: 4,
    write(writer, { target, boot, ageMs }) {
      writeU48(writer, target);
      writeU48(writer, boot);
      writer.u16(clamp(ageMs));
    },
    read: (reader) => ({ target: readU48(reader), boot: readU48(reader), ageMs: reader.u16() }),
  },
  // token u32 | digest u32
  probe: {
    code: 5,
    write: (writer, { token, digest }) => void writer.u32(token).u32(digest),
    read: (reader) => ({ token: reader.u32(), digest: reader.u32() }),
  },
  // token u32 | target 6 | its boot 6
  "probe-for": {
    code: 6,
    write(writer, { token, target, boot }) {
      writer.u32(token);
      writeU48(writer, target);
      writeU48(writer, boot);
    },
    read: (reader) => ({ token: reader.u32(), target: readU48(reader), boot: readU48(reader) }),
  },
  // token u32 | who lives 6 | its boot 6 | digest u32
  ack: {
    code: 7,
    write(writer, { token, target, boot, digest }) {
      writer.u32(token);
      writeU48(writer, target);
      writeU48(writer, boot);
      writer.u32(digest);
    },
    read: (reader) => ({
      token: reader.u32(),
      target: readU48(reader),
      boot: readU48(reader),
      digest: reader.u32(),
    }),
  },
  // arc 12 | standings
  verdict: {
    code: 8,
    write(writer, { arc, standings }) {
      writeArc(writer, arc);
      writeStandings(writer, standings);
    },
    read: (reader) => ({ arc: readArc(reader), standings: readStandings(reader) }),
  },
  // arc 12 | member 6 | its boot 6 | version 6 | length u16 | facts
  facts: {
    code: 9,
    write(writer, { arc, member, boot, version, facts }) {
      writeArc(writer, arc);
      writeU48(writer, member);
      writeU48(writer, boot);
      writeU48(writer, version);
      writer.u16(facts.length).bytes(facts);
    },
    read: (reader) => ({
      arc: readArc(reader),
      member: readU48(reader),
      boot: readU48(reader),
      version: readU48(reader),
      facts: reader.bytes(reader.u16()).slice(),
    }),
  },
  // topic u8 | length u16 | payload
  tell: {
    code: 10,
    write: (writer, { topic, payload }) => void writer.u8(topic).u16(payload.length).bytes(payload),
    read: (reader) => ({ topic: reader.u8(), payload: reader.bytes(reader.u16()).slice() }),
  },
  // heirs, the one to be told first in front
  heirs: {
    code: 11,
    write: (writer, { heirs }) => writeIds(writer, heirs),
    read: (reader) => ({ heirs: readIds(reader) }),
  },
  // count u16, and u32 each
  digest: {
    code: 12,
    write(writer, { stretches }) {
      writer.u16(stretches.length);
      for (const each of stretches) writer.u32(each);
    },
    read: (reader) => ({ stretches: readList(reader, 4, () => reader.u32()) }),
  },
  // arc 12 | 1 for a reply u8 | standings
  standings: {
    code: 13,
    write(writer, { arc, isReply, standings }) {
      writeArc(writer, arc);
      writer.u8(isReply ? 1 : 0);
      writeStandings(writer, standings);
    },
    read(reader) {
      const arc = readArc(reader);
      if (!arc) throw new BadFieldError();
      return { arc, isReply: reader.u8() === 1, standings: readStandings(reader) };
    },
  },
  // members
  "ask-facts": {
    code: 14,
    write: (writer, { members }) => writeIds(writer, members),
    read: (reader) => ({ members: readIds(reader) }),
  },
  // flaps u8
  welcome: {
    code: 15,
    write: (writer, { flaps }) => void writer.u8(Math.min(flaps, 255)),
    read: (reader) => ({ flaps: reader.u8() }),
  },
};
