import { Reader } from "#core/bytes/mod.ts";
import { WireError } from "./fault.ts";
import { type Fields, readFields, writeFields } from "./fields.ts";
import { messageTable, pushNodeState, pushPullHeader, userHeader } from "./message_table.ts";
import type {
  Ack,
  Message,
  MessageType,
  PacketMessage,
  PushNodeState,
  PushPull,
  UserMessage,
} from "./messages.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** In a datagram each message stands alone; these do not. */
const onlyOnStreams: readonly MessageType[] = ["push-pull", "error"];
const typeByCode = new Map(
  (Object.keys(messageTable) as MessageType[]).map((type) => [messageTable[type].code, type]),
);

/** Undefined where the byte names a wrapper or nothing at all. */
export function messageTypeOf(code: number): MessageType | undefined {
  return typeByCode.get(code);
}

/** One message out of a datagram, type byte included. */
export function readPacketMessage(bytes: Uint8Array): PacketMessage {
  const reader = new Reader(bytes);
  const code = reader.u8();
  const type = messageTypeOf(code);
  if (!type || onlyOnStreams.includes(type))
    throw new WireError("unknown-type", `message type ${code} in a datagram`);
  if (type === "user") return { type, payload: reader.rest().slice() };
  return messageFrom(type, readFields(reader, messageTable[type].fields)) as PacketMessage;
}

/** Types of which a message is one map, as datagrams have them and, of these, streams `ping`, `ack` and `error`. */
export function messageFrom(type: MessageType, fields: Fields): Message {
  return { type, ...fields } as unknown as Message;
}

export function ackOf(seqNo: number): Ack {
  return { type: "ack", seqNo, payload: new Uint8Array(0) };
}

export function encodeMessage(message: Exclude<Message, PushPull | UserMessage>): Uint8Array {
  const { code, fields } = messageTable[message.type];
  const writer = new MsgpackWriter().byte(code);
  writeFields(writer, fields, message as unknown as Fields);
  return writer.finish();
}

export function encodePushPull({ isJoin, nodes, userState }: PushPull): Uint8Array {
  const writer = new MsgpackWriter().byte(messageTable["push-pull"].code);
  writeFields(writer, pushPullHeader, { isJoin, nodes: nodes.length, userStateBytes: userState.length });
  for (const node of nodes) writeFields(writer, pushNodeState, node as unknown as Fields);
  return writer.append(userState).finish();
}

/** On a stream the payload is counted, in a datagram it is the rest. */
export function encodeUserMessage({ payload }: UserMessage, medium: "datagram" | "stream"): Uint8Array {
  const writer = new MsgpackWriter().byte(messageTable.user.code);
  if (medium === "stream") writeFields(writer, userHeader, { userBytes: payload.length });
  return writer.append(payload).finish();
}

export function readNodeState(reader: Reader): PushNodeState {
  return readFields(reader, pushNodeState) as unknown as PushNodeState;
}
