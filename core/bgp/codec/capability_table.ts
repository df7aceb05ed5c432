import { type Reader, Writer } from "#core/bytes/mod.ts";
import { type AddressFamily, familyName } from "./family.ts";

/** All that is known of one capability (RFC 5492). */
export interface CapabilityRow<Value> {
  readonly code: number;
  /** Reads the whole value; what it leaves unread, or a short read, makes the capability an unknown one. */
  readonly decode: (value: Reader) => Value;
  readonly encode: (value: Value) => Uint8Array;
  readonly describe: (value: Value) => string;
}

function row<Value>(definition: CapabilityRow<Value>): CapabilityRow<Value> {
  return definition;
}

/** A capability that says all by being there. */
function flag(code: number, text: string): CapabilityRow<true> {
  return row<true>({ code, decode: () => true, encode: () => new Uint8Array(0), describe: () => text });
}

export interface GracefulRestart {
  /** The sender has just restarted (RFC 4724 §3). */
  readonly hasRestarted: boolean;
  /** NOTIFICATIONs are survived as well (RFC 8538 §2). */
  readonly survivesNotification: boolean;
  /** 0 to 4095. */
  readonly restartTimeSeconds: number;
  readonly families: readonly (AddressFamily & { readonly forwardingPreserved: boolean })[];
}

export interface LongLivedFamily extends AddressFamily {
  readonly forwardingPreserved: boolean;
  /** 24 bits. */
  readonly staleTimeSeconds: number;
}

const textOf = new TextDecoder("utf-8");
const bytesOf = new TextEncoder();

/** The capabilities, ascending by code. To know one more is to add a row. */
export const capabilityTable = {
  /** RFC 4760 §8 */
  Multiprotocol: row<AddressFamily>({
    code: 1,
    decode: (value) => {
      const afi = value.u16();
      value.u8();
      return { afi, safi: value.u8() };
    },
    encode: ({ afi, safi }) => new Writer(4).u16(afi).u8(0).u8(safi).finish(),
    describe: familyName,
  }),
  /** RFC 2918 §2 */
  RouteRefresh: flag(2, "route refresh"),
  /** RFC 8950 §4: an IPv4 route may have an IPv6 next hop */
  ExtendedNextHop: row<readonly (AddressFamily & { readonly nextHopAfi: number })[]>({
    code: 5,
    decode: (value) => many(value, () => ({ afi: value.u16(), safi: value.u16(), nextHopAfi: value.u16() })),
    encode: (value) => {
      const writer = new Writer(value.length * 6);
      for (const { afi, safi, nextHopAfi } of value) writer.u16(afi).u16(safi).u16(nextHopAfi);
      return writer.finish();
    },
    describe: (value) => `extended next hop ${value.map(familyName).join(", ")}`,
  }),
  /** RFC 8654 §3 */
  ExtendedMessage: flag(6, "extended message"),
  /** RFC 4724 §3, RFC 8538 §2 */
  GracefulRestart: row<GracefulRestart>({
    code: 64,
    decode: (value) => {
      const head = value.u16();
      return {
        hasRestarted: (head & 0x8000) !== 0,
        survivesNotification: (head & 0x4000) !== 0,
        restartTimeSeconds: head & 0x0fff,
        families: many(value, () => ({
          afi: value.u16(),
          safi: value.u8(),
          forwardingPreserved: (value.u8() & 0x80) !== 0,
        })),
      };
    },
    encode: ({ hasRestarted, survivesNotification, restartTimeSeconds, families }) => {
      const flags = (hasRestarted ? 0x8000 : 0) | (survivesNotification ? 0x4000 : 0);
      const writer = new Writer(2 + families.length * 4).u16(flags | restartTimeSeconds);
      for (const family of families) {
        writer
          .u16(family.afi)
          .u8(family.safi)
          .u8(family.forwardingPreserved ? 0x80 : 0);
      }
      return writer.finish();
    },
    describe: ({ restartTimeSeconds }) => `graceful restart ${restartTimeSeconds} s`,
  }),
  /** RFC 6793 §3 */
  FourOctetAs: row<number>({
    code: 65,
    decode: (value) => value.u32(),
    encode: (value) => new Writer(4).u32(value).finish(),
    describe: () => "4-octet AS",
  }),
  /** RFC 7313 §3.1 */
  EnhancedRouteRefresh: flag(70, "enhanced route refresh"),
  /** RFC 9494 §3.1 */
  LongLivedGracefulRestart: row<readonly LongLivedFamily[]>({
    code: 71,
    decode: (value) =>
      many(value, () => ({
        afi: value.u16(),
        safi: value.u8(),
        forwardingPreserved: (value.u8() & 0x80) !== 0,
        staleTimeSeconds: value.u8() * 0x10000 + value.u16(),
      })),
    encode: (value) => {
      const writer = new Writer(value.length * 7);
      for (const { afi, safi, forwardingPreserved, staleTimeSeconds } of value) {
        writer
          .u16(afi)
          .u8(safi)
          .u8(forwardingPreserved ? 0x80 : 0)
          .u8(staleTimeSeconds >>> 16)
          .u16(staleTimeSeconds & 0xffff);
      }
      return writer.finish();
    },
    describe: () => "long-lived graceful restart",
  }),
  /** draft-walton-bgp-hostname-capability, as FRR sends it: two texts, each after its length in one octet */
  Fqdn: row<{ readonly host: string; readonly domain: string }>({
    code: 73,
    decode: (value) => ({
      host: textOf.decode(value.bytes(value.u8())),
      domain: textOf.decode(value.bytes(value.u8())),
    }),
    encode: ({ host, domain }) => {
      const [hostBytes, domainBytes] = [bytesOf.encode(host), bytesOf.encode(domain)];
      const writer = new Writer(2 + hostBytes.length + domainBytes.length);
      return writer.u8(hostBytes.length).bytes(hostBytes).u8(domainBytes.length).bytes(domainBytes).finish();
    },
    describe: ({ host, domain }) => `host name ${JSON.stringify(domain ? `${host}.${domain}` : host)}`,
  }),
} as const;

function many<Item>(value: Reader, read: () => Item): Item[] {
  const items: Item[] = [];
  while (value.remaining > 0) items.push(read());
  return items;
}

type ValueOf<Row> = Row extends CapabilityRow<infer Value> ? Value : never;

export type CapabilityName = keyof typeof capabilityTable;
export type CapabilityValue<Name extends CapabilityName> = ValueOf<(typeof capabilityTable)[Name]>;

export type KnownCapability = {
  readonly [Name in CapabilityName]: { readonly name: Name; readonly value: CapabilityValue<Name> };
}[CapabilityName];

/** A capability whose code has no row, or whose value does not fit its row. */
export interface UnknownCapability {
  readonly name: "unknown";
  readonly code: number;
  readonly value: Uint8Array;
}

export type Capability = KnownCapability | UnknownCapability;
