import type { MessageType } from "./messages.ts";

/** How a field stands on the wire; an `int` differs from a `uint` only above 127. */
export type FieldKind =
  | "uint"
  | "int"
  | "port"
  | "bool"
  | "text"
  | "bytes"
  | "address"
  | "versions"
  | "state";

export interface Field {
  /** On the wire, as the Go structure names it. */
  readonly wire: string;
  /** In our types. */
  readonly key: string;
  readonly kind: FieldKind;
  /** Left out when empty. */
  readonly isOptional?: boolean;
}

const source: readonly Field[] = [
  { wire: "SourceAddr", key: "sourceAddr", kind: "address", isOptional: true },
  { wire: "SourceNode", key: "sourceNode", kind: "text", isOptional: true },
  { wire: "SourcePort", key: "sourcePort", kind: "port", isOptional: true },
];
const accusation: readonly Field[] = [
  { wire: "From", key: "from", kind: "text" },
  { wire: "Incarnation", key: "incarnation", kind: "uint" },
  { wire: "Node", key: "node", kind: "text" },
];
const seqNo: Field = { wire: "SeqNo", key: "seqNo", kind: "uint" };
const member: readonly Field[] = [
  { wire: "Addr", key: "addr", kind: "address" },
  { wire: "Incarnation", key: "incarnation", kind: "uint" },
  { wire: "Meta", key: "meta", kind: "bytes" },
];

/**
 * memberlist's message types: code and fields, in the order in which its encoder writes them (by name). What has no
 * fields here is not one map: `push-pull` and `user` on a stream are a header and what it counts.
 */
export const messageTable: Readonly<Record<MessageType, { code: number; fields: readonly Field[] }>> = {
  ping: { code: 0, fields: [{ wire: "Node", key: "node", kind: "text" }, seqNo, ...source] },
  "indirect-ping": {
    code: 1,
    fields: [
      { wire: "Nack", key: "nack", kind: "bool" },
      { wire: "Node", key: "node", kind: "text" },
      { wire: "Port", key: "port", kind: "port" },
      seqNo,
      ...source,
      { wire: "Target", key: "target", kind: "address" },
    ],
  },
  ack: { code: 2, fields: [{ wire: "Payload", key: "payload", kind: "bytes" }, seqNo] },
  suspect: { code: 3, fields: accusation },
  alive: {
    code: 4,
    fields: [
      ...member,
      { wire: "Node", key: "node", kind: "text" },
      { wire: "Port", key: "port", kind: "port" },
      { wire: "Vsn", key: "vsn", kind: "versions" },
    ],
  },
  dead: { code: 5, fields: accusation },
  "push-pull": { code: 6, fields: [] },
  user: { code: 8, fields: [] },
  nack: { code: 11, fields: [seqNo] },
  error: { code: 13, fields: [{ wire: "Error", key: "error", kind: "text" }] },
};

/** Messages that wrap others. */
export const wrapperCodes = {
  compound: 7,
  compressed: 9,
  encrypted: 10,
  checksum: 12,
  label: 244,
} as const;

export const pushPullHeader: readonly Field[] = [
  { wire: "Join", key: "isJoin", kind: "bool" },
  { wire: "Nodes", key: "nodes", kind: "int" },
  { wire: "UserStateLen", key: "userStateBytes", kind: "int" },
];

export const pushNodeState: readonly Field[] = [
  ...member,
  { wire: "Name", key: "name", kind: "text" },
  { wire: "Port", key: "port", kind: "port" },
  { wire: "State", key: "state", kind: "state" },
  { wire: "Vsn", key: "vsn", kind: "versions" },
];

export const userHeader: readonly Field[] = [{ wire: "UserMsgLen", key: "userBytes", kind: "int" }];

export const compressedFields: readonly Field[] = [
  { wire: "Algo", key: "algorithm", kind: "uint" },
  { wire: "Buf", key: "compressed", kind: "bytes" },
];
