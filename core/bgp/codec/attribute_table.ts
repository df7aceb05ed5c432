import { type Reader, Writer } from "#core/bytes/mod.ts";
import { addressFromBytes, addressToBytes, formatAddress, type IpAddress } from "#core/net/mod.ts";
import {
  type AsPath,
  asPathBytes,
  formatAsPath,
  isConfederation,
  readAsPath,
  toTwoOctets,
} from "./as_path.ts";
import { formatCommunity, type LargeCommunity } from "./community.ts";
import { bgpError, type Handling } from "./error.ts";
import {
  describeMpReach,
  describeMpUnreach,
  type MpReach,
  type MpUnreach,
  mpReachBytes,
  mpUnreachBytes,
  readMpReach,
  readMpUnreach,
} from "./multiprotocol.ts";

/** What decoding and encoding depend on: the capabilities of the session and the kind of peer. */
export interface CodecContext {
  /** Both sides speak four-octet AS numbers (RFC 6793). */
  readonly fourOctetAs: boolean;
  /** The peer is in another AS. */
  readonly isExternal: boolean;
}

/** All that is known of one path attribute. */
export interface AttributeRow<Value> {
  readonly code: number;
  readonly category: "well-known" | "optional-transitive" | "optional-non-transitive";
  /** RFC 7606 §7: what a malformed value leads to. */
  readonly whenMalformed: Handling;
  /** RFC 7606 §5.1: it carries routes, stands first, and may not be repeated (§3 g). */
  readonly carriesRoutes?: true;
  /** Why the attribute, whatever its value, is dropped when it comes from such a peer. */
  readonly discardedFrom?: (context: CodecContext) => string | undefined;
  /** Reads the whole value; what it leaves unread is an error of length. */
  readonly decode: (value: Reader, context: CodecContext) => Value;
  readonly encode: (value: Value, context: CodecContext) => Uint8Array;
  readonly describe: (value: Value) => string;
}

function row<Value>(definition: AttributeRow<Value>): AttributeRow<Value> {
  return definition;
}

export interface Aggregator {
  readonly asn: number;
  readonly address: IpAddress;
}

const origins = ["IGP", "EGP", "INCOMPLETE"] as const;
export type Origin = (typeof origins)[number];

const fromNewSpeaker = ({ fourOctetAs }: CodecContext) =>
  fourOctetAs ? "a peer with four-octet AS numbers must not send it (RFC 6793 §4.1)" : undefined;

const fromReflector = ({ isExternal }: CodecContext) =>
  isExternal ? "an external peer must not send it (RFC 7606 §7.9, §7.10)" : undefined;

/** Communities of a fixed size whose meaning is of no concern here. */
function opaqueCommunities(code: number, octets: number): AttributeRow<readonly Uint8Array[]> {
  return row<readonly Uint8Array[]>({
    code,
    category: "optional-transitive",
    whenMalformed: "treat-as-withdraw",
    decode: (value) => readMany(value, () => value.bytes(octets).slice()),
    encode: (value) => {
      const writer = new Writer(value.length * octets);
      for (const community of value) writer.bytes(community);
      return writer.finish();
    },
    describe: (value) => value.map((each) => each.toHex()).join(" "),
  });
}

/** The path attributes, ascending by code, by the names of their RFCs. To know one more is to add a row. */
export const attributeTable = {
  /** RFC 4271 §5.1.1 */
  ORIGIN: row<Origin>({
    code: 1,
    category: "well-known",
    whenMalformed: "treat-as-withdraw",
    decode: (value) => {
      const code = value.u8();
      const origin = origins[code];
      if (!origin) {
        throw bgpError(
          "UPDATE Message Error",
          "Invalid ORIGIN Attribute",
          `ORIGIN ${code}; known are 0 to 2`,
        );
      }
      return origin;
    },
    encode: (value) => Uint8Array.of(origins.indexOf(value)),
    describe: String,
  }),
  /** RFC 4271 §5.1.2; we are in no confederation, so its segments are malformed here (RFC 5065 §5.3). */
  AS_PATH: row<AsPath>({
    code: 2,
    category: "well-known",
    whenMalformed: "treat-as-withdraw",
    decode: (value, { fourOctetAs }) => {
      const path = readAsPath(value, fourOctetAs ? 4 : 2);
      if (!path.some(isConfederation)) return path;
      throw bgpError(
        "UPDATE Message Error",
        "Malformed AS_PATH",
        "a confederation segment from outside a confederation",
      );
    },
    encode: (value, { fourOctetAs }) => asPathBytes(value, fourOctetAs ? 4 : 2),
    describe: formatAsPath,
  }),
  /** RFC 4271 §5.1.3 */
  NEXT_HOP: row<IpAddress>({
    code: 3,
    category: "well-known",
    whenMalformed: "treat-as-withdraw",
    decode: readIpv4,
    encode: addressToBytes,
    describe: formatAddress,
  }),
  /** RFC 4271 §5.1.4 */
  MULTI_EXIT_DISC: row<number>({
    code: 4,
    category: "optional-non-transitive",
    whenMalformed: "treat-as-withdraw",
    decode: (value) => value.u32(),
    encode: (value) => new Writer(4).u32(value).finish(),
    describe: String,
  }),
  /** RFC 4271 §5.1.5 */
  LOCAL_PREF: row<number>({
    code: 5,
    category: "well-known",
    whenMalformed: "treat-as-withdraw",
    discardedFrom: ({ isExternal }) =>
      isExternal ? "an external peer must not send it (RFC 7606 §7.5)" : undefined,
    decode: (value) => value.u32(),
    encode: (value) => new Writer(4).u32(value).finish(),
    describe: String,
  }),
  /** RFC 4271 §5.1.6 */
  ATOMIC_AGGREGATE: row<true>({
    code: 6,
    category: "well-known",
    whenMalformed: "attribute-discard",
    decode: () => true,
    encode: () => new Uint8Array(0),
    describe: () => "present",
  }),
  /** RFC 4271 §5.1.7 */
  AGGREGATOR: row<Aggregator>({
    code: 7,
    category: "optional-transitive",
    whenMalformed: "attribute-discard",
    decode: (value, { fourOctetAs }) => ({
      asn: fourOctetAs ? value.u32() : value.u16(),
      address: readIpv4(value),
    }),
    encode: ({ asn, address }, { fourOctetAs }) => {
      const writer = new Writer(8);
      if (fourOctetAs) writer.u32(asn);
      else writer.u16(toTwoOctets(asn));
      return writer.bytes(addressToBytes(address)).finish();
    },
    describe: describeAggregator,
  }),
  /** RFC 1997; the values, each in 32 bits */
  COMMUNITIES: row<readonly number[]>({
    code: 8,
    category: "optional-transitive",
    whenMalformed: "treat-as-withdraw",
    decode: (value) => readMany(value, () => value.u32()),
    encode: (value) => {
      const writer = new Writer(value.length * 4);
      for (const community of value) writer.u32(community);
      return writer.finish();
    },
    describe: (value) => value.map((each) => formatCommunity({ kind: "standard", value: each })).join(" "),
  }),
  /** RFC 4456 §8; malformed: RFC 7606 §7.9 */
  ORIGINATOR_ID: row<IpAddress>({
    code: 9,
    category: "optional-non-transitive",
    whenMalformed: "treat-as-withdraw",
    discardedFrom: fromReflector,
    decode: readIpv4,
    encode: addressToBytes,
    describe: formatAddress,
  }),
  /** RFC 4456 §8; malformed: RFC 7606 §7.10 */
  CLUSTER_LIST: row<readonly IpAddress[]>({
    code: 10,
    category: "optional-non-transitive",
    whenMalformed: "treat-as-withdraw",
    discardedFrom: fromReflector,
    decode: (value) => readMany(value, () => readIpv4(value)),
    encode: (value) => {
      const writer = new Writer(value.length * 4);
      for (const cluster of value) writer.bytes(addressToBytes(cluster));
      return writer.finish();
    },
    describe: (value) => value.map(formatAddress).join(" "),
  }),
  /** RFC 4760 §3; malformed: RFC 7606 §7.11 */
  MP_REACH_NLRI: row<MpReach>({
    code: 14,
    category: "optional-non-transitive",
    whenMalformed: "session-reset",
    carriesRoutes: true,
    decode: readMpReach,
    encode: mpReachBytes,
    describe: describeMpReach,
  }),
  /** RFC 4760 §4; malformed: RFC 7606 §7.12 */
  MP_UNREACH_NLRI: row<MpUnreach>({
    code: 15,
    category: "optional-non-transitive",
    whenMalformed: "session-reset",
    carriesRoutes: true,
    decode: readMpUnreach,
    encode: mpUnreachBytes,
    describe: describeMpUnreach,
  }),
  /** RFC 4360 §2, each as its eight octets; malformed: RFC 7606 §7.14 */
  EXTENDED_COMMUNITIES: opaqueCommunities(16, 8),
  /** RFC 6793 §3; malformed: §6 */
  AS4_PATH: row<AsPath>({
    code: 17,
    category: "optional-transitive",
    whenMalformed: "attribute-discard",
    discardedFrom: fromNewSpeaker,
    decode: (value) => readAsPath(value, 4).filter((segment) => !isConfederation(segment)),
    encode: (value) => asPathBytes(value, 4),
    describe: formatAsPath,
  }),
  /** RFC 6793 §3; malformed: §6 */
  AS4_AGGREGATOR: row<Aggregator>({
    code: 18,
    category: "optional-transitive",
    whenMalformed: "attribute-discard",
    discardedFrom: fromNewSpeaker,
    decode: (value) => ({ asn: value.u32(), address: readIpv4(value) }),
    encode: ({ asn, address }) => new Writer(8).u32(asn).bytes(addressToBytes(address)).finish(),
    describe: describeAggregator,
  }),
  /** RFC 5701 §2, each as its twenty octets; malformed: RFC 7606 §7.15 */
  IPV6_EXTENDED_COMMUNITIES: opaqueCommunities(25, 20),
  /** RFC 7311 §3, its TLVs as they came; malformed: §3.1 */
  AIGP: row<Uint8Array>({
    code: 26,
    category: "optional-non-transitive",
    whenMalformed: "attribute-discard",
    decode: (value) => {
      const bytes = value.rest().slice();
      if (areTlvsWhole(bytes)) return bytes;
      throw bgpError("UPDATE Message Error", "Optional Attribute Error", "a TLV that overruns the attribute");
    },
    encode: (value) => value,
    describe: (value) => value.toHex(),
  }),
  /** RFC 8092 §3; malformed: §6 */
  LARGE_COMMUNITY: row<readonly LargeCommunity[]>({
    code: 32,
    category: "optional-transitive",
    whenMalformed: "treat-as-withdraw",
    decode: (value) =>
      readMany(value, () => ({
        kind: "large",
        globalAdministrator: value.u32(),
        localData1: value.u32(),
        localData2: value.u32(),
      })),
    encode: (value) => {
      const writer = new Writer(value.length * 12);
      for (const each of value) {
        writer.u32(each.globalAdministrator).u32(each.localData1).u32(each.localData2);
      }
      return writer.finish();
    },
    describe: (value) => value.map(formatCommunity).join(" "),
  }),
  /** RFC 9234 §5: the AS that made the route go to its customers only */
  ONLY_TO_CUSTOMER: row<number>({
    code: 35,
    category: "optional-transitive",
    whenMalformed: "treat-as-withdraw",
    decode: (value) => value.u32(),
    encode: (value) => new Writer(4).u32(value).finish(),
    describe: (value) => `AS ${value}`,
  }),
} as const;

export type AttributeName = keyof typeof attributeTable;

type ValueOf<Row> = Row extends AttributeRow<infer Value> ? Value : never;

/** An attribute whose code has no row: kept as it came. */
export interface UnknownAttribute {
  readonly code: number;
  /** The flags octet as it came, with the Extended Length bit cleared. */
  readonly flags: number;
  readonly value: Uint8Array;
}

/** The attributes of one route, by name. */
export type PathAttributes = {
  readonly [Name in AttributeName]?: ValueOf<(typeof attributeTable)[Name]>;
} & { readonly unknown?: readonly UnknownAttribute[] };

/** The table by code; the type parameter is forgotten, so a value goes back only into its own row. */
export const attributesByCode: ReadonlyMap<number, readonly [AttributeName, AttributeRow<unknown>]> = new Map(
  Object.entries(attributeTable).map(([name, definition]) => [
    definition.code,
    [name as AttributeName, definition as AttributeRow<unknown>],
  ]),
);

function readIpv4(value: Reader): IpAddress {
  const address = addressFromBytes(value.bytes(4));
  if (!address) throw new RangeError("Four bytes make an IPv4 address");
  return address;
}

function readMany<Item>(value: Reader, read: () => Item): Item[] {
  if (value.remaining === 0) {
    throw bgpError("UPDATE Message Error", "Optional Attribute Error", "an empty list");
  }
  const items: Item[] = [];
  while (value.remaining > 0) items.push(read());
  return items;
}

/** RFC 7311 §3: type (1) | length (2), these three octets included | value. */
function areTlvsWhole(bytes: Uint8Array): boolean {
  let at = 0;
  while (at + 3 <= bytes.length) {
    const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length < 3) return false;
    at += length;
  }
  return at === bytes.length && at > 0;
}

function describeAggregator({ asn, address }: Aggregator): string {
  return `AS ${asn} ${formatAddress(address)}`;
}
