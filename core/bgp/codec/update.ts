import { assert, Reader, Writer } from "#core/bytes/mod.ts";
import type { IpAddress, Prefix } from "#core/net/mod.ts";
import { AS_TRANS, as4PathFor, mergeAs4Path } from "./as_path.ts";
import {
  type AttributeName,
  attributeTable,
  type CodecContext,
  type PathAttributes,
} from "./attribute_table.ts";
import { attributeHeaderLengthMax, decodeAttributes, encodeAttributes } from "./attributes.ts";
import { type BgpError, bgpError } from "./error.ts";
import { type AddressFamily, ipv4Unicast } from "./family.ts";
import { extendedMessageLengthMax, finishMessage, headerLength, writeHeader } from "./header.ts";
import type { UpdateMessage } from "./messages.ts";
import { type MpReach, type MpUnreach, mpReachLength, mpUnreachLength } from "./multiprotocol.ts";
import { prefixFieldLength, readPrefixes, writePrefix } from "./prefix_field.ts";

/**
 * Reads the body of an UPDATE (RFC 4271 §4.3) and applies RFC 7606: what can be forgiven is listed in `problems`
 * and done (routes moved to `withdrawn`, attributes dropped), what cannot be is thrown.
 *
 *   withdrawn length (2) | withdrawn routes | attributes length (2) | attributes | NLRI to the end
 */
export function decodeUpdate(body: Reader, context: CodecContext): UpdateMessage {
  const withdrawnBytes = field(body, 2, "withdrawn routes");
  const attributeBytes = field(body, 0, "path attributes");
  const withdrawn = readPrefixes(new Reader(withdrawnBytes), "ipv4");
  const nlri = readPrefixes(body, "ipv4");
  const decoded = decodeAttributes(attributeBytes, context);
  const attributes = withTrueAsPath(decoded.attributes, context);
  const problems = [...decoded.problems, ...missingAttributes(decoded, nlri, context)];
  const severe = problems.filter((problem) => problem.handling !== "attribute-discard");
  const update: UpdateMessage = { type: "UPDATE", withdrawn, attributes, nlri, problems };
  if (severe.length === 0) return update;
  const announced = announcedPrefixes(update);
  if (announced.length === 0) throw withoutRoutes(severe);
  // RFC 7606 §2: treat-as-withdraw.
  return { ...update, withdrawn: [...withdrawnPrefixes(update), ...announced], attributes: {}, nlri: [] };
}

/** Of every family: from NLRI and from MP_REACH_NLRI. */
export function announcedPrefixes({
  nlri,
  attributes,
}: Pick<UpdateMessage, "nlri" | "attributes">): Prefix[] {
  return [...nlri, ...(attributes.MP_REACH_NLRI?.nlri ?? [])];
}

/** Of every family: from the withdrawn routes and from MP_UNREACH_NLRI. */
export function withdrawnPrefixes({
  withdrawn,
  attributes,
}: Pick<UpdateMessage, "withdrawn" | "attributes">): Prefix[] {
  return [...withdrawn, ...(attributes.MP_UNREACH_NLRI?.withdrawn ?? [])];
}

/** A field after its length of two octets; `after` octets must be left for what follows (RFC 4271 §6.3). */
function field(body: Reader, after: number, name: string): Uint8Array {
  const length = body.u16();
  if (length + after > body.remaining) {
    const detail = `${name} of ${length} octets are announced, ${body.remaining} octets follow`;
    throw bgpError("UPDATE Message Error", "Malformed Attribute List", detail);
  }
  return body.bytes(length);
}

/** RFC 4271 §6.3 and §5: what every route must carry; LOCAL_PREF from internal peers only. */
function missingAttributes(
  { attributes, problems }: { attributes: PathAttributes; problems: readonly BgpError[] },
  nlri: readonly Prefix[],
  { isExternal }: CodecContext,
): BgpError[] {
  const announced = announcedPrefixes({ nlri, attributes });
  if (announced.length === 0 || problems.some(({ handling }) => handling === "treat-as-withdraw")) return [];
  const mandatory: AttributeName[] = ["ORIGIN", "AS_PATH"];
  // RFC 4760 §3: MP_REACH_NLRI has its own.
  if (nlri.length > 0) mandatory.push("NEXT_HOP");
  if (!isExternal) mandatory.push("LOCAL_PREF");
  return mandatory
    .filter((name) => attributes[name] === undefined)
    .map((name) =>
      bgpError(
        "UPDATE Message Error",
        "Missing Well-known Attribute",
        `${name} is missing`,
        Uint8Array.of(attributeTable[name].code),
        "treat-as-withdraw",
      ),
    );
}

/** RFC 7606 §5.2: with errors and without reachable routes, nothing says that the routes were read rightly. */
function withoutRoutes(severe: readonly BgpError[]): BgpError {
  const first = severe[0];
  assert(first, "there is an error to report");
  return bgpError(
    "UPDATE Message Error",
    "Malformed Attribute List",
    `${first.detail}, in an UPDATE that announces nothing`,
    first.data,
  );
}

/** RFC 6793 §4.2.3; AS4_PATH does not count where AGGREGATOR holds a real number of two octets. */
function withTrueAsPath(attributes: PathAttributes, { fourOctetAs }: CodecContext): PathAttributes {
  if (fourOctetAs) return attributes;
  const { AS4_PATH, AS4_AGGREGATOR, ...rest } = attributes;
  if (AS4_AGGREGATOR && rest.AGGREGATOR && rest.AGGREGATOR.asn !== AS_TRANS) return rest;
  return {
    ...rest,
    ...(AS4_AGGREGATOR && rest.AGGREGATOR ? { AGGREGATOR: AS4_AGGREGATOR } : {}),
    ...(AS4_PATH && rest.AS_PATH ? { AS_PATH: mergeAs4Path(rest.AS_PATH, AS4_PATH) } : {}),
  };
}

/** The attributes as bytes, with the AS4_ ones that a peer of two-octet AS numbers needs (RFC 6793 §4.2.2). */
export function encodeRouteAttributes(attributes: PathAttributes, context: CodecContext): Uint8Array {
  if (context.fourOctetAs) return encodeAttributes(attributes, context);
  const { AS_PATH, AGGREGATOR } = attributes;
  const AS4_PATH = AS_PATH && as4PathFor(AS_PATH);
  const AS4_AGGREGATOR = AGGREGATOR && AGGREGATOR.asn > 0xffff ? AGGREGATOR : undefined;
  return encodeAttributes(
    { ...attributes, ...(AS4_PATH && { AS4_PATH }), ...(AS4_AGGREGATOR && { AS4_AGGREGATOR }) },
    context,
  );
}

export function encodeUpdate(update: UpdateMessage, context: CodecContext): Uint8Array {
  return assembleUpdate(update.withdrawn, encodeRouteAttributes(update.attributes, context), update.nlri);
}

/** An UPDATE from attributes that are bytes already, so that a thousand routes encode them once. */
export function assembleUpdate(
  withdrawn: readonly Prefix[],
  attributes: Uint8Array,
  nlri: readonly Prefix[],
): Uint8Array {
  const withdrawnLength = lengthOf(withdrawn);
  const length = updateLengthMin + withdrawnLength + attributes.length + lengthOf(nlri);
  assert(length <= extendedMessageLengthMax, "an UPDATE fits into a message");
  const writer = writeHeader(new Writer(length), "UPDATE").u16(withdrawnLength);
  for (const prefix of withdrawn) writePrefix(writer, prefix);
  writer.u16(attributes.length).bytes(attributes);
  for (const prefix of nlri) writePrefix(writer, prefix);
  return finishMessage(writer);
}

/** An UPDATE that announces by MP_REACH_NLRI, beside attributes that are bytes already. */
export function assembleReach(reach: MpReach, attributes: Uint8Array): Uint8Array {
  return assembleUpdate(
    [],
    concatenate(encodeAttributes({ MP_REACH_NLRI: reach }, anyContext), attributes),
    [],
  );
}

/** An UPDATE that withdraws by MP_UNREACH_NLRI; an empty one is the family's End-of-RIB. */
export function assembleUnreach(unreach: MpUnreach): Uint8Array {
  return assembleUpdate([], encodeAttributes({ MP_UNREACH_NLRI: unreach }, anyContext), []);
}

/** Octets of {@link assembleReach} beside prefixes and attributes. */
export function reachLengthMin(nextHops: readonly IpAddress[]): number {
  return updateLengthMin + attributeHeaderLengthMax + mpReachLength(nextHops);
}

/** The attributes with routes are the same in every session. */
const anyContext: CodecContext = { fourOctetAs: true, isExternal: true };

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Writer(a.length + b.length).bytes(a).bytes(b).finish();
}

/** Octets of an UPDATE that says nothing. */
export const updateLengthMin = headerLength + 4;

/** Octets beside the prefixes of an UPDATE that withdraws by MP_UNREACH_NLRI. */
export const unreachLengthMin = updateLengthMin + attributeHeaderLengthMax + mpUnreachLength;

function lengthOf(prefixes: readonly Prefix[]): number {
  return prefixes.reduce((sum, prefix) => sum + prefixFieldLength(prefix), 0);
}

/**
 * The family whose initial routes the UPDATE ends (RFC 4724 §2): one without withdrawn routes, attributes and NLRI
 * means IPv4 unicast, one with nothing but an empty MP_UNREACH_NLRI means its family.
 */
export function endOfRibFamily({
  withdrawn,
  nlri,
  attributes,
  problems,
}: UpdateMessage): AddressFamily | undefined {
  const { MP_UNREACH_NLRI: unreach, ...others } = attributes;
  if (withdrawn.length + nlri.length + problems.length + Object.keys(others).length > 0) return undefined;
  if (!unreach) return ipv4Unicast;
  if (unreach.withdrawn.length > 0 || (unreach.raw?.length ?? 0) > 0) return undefined;
  return { afi: unreach.afi, safi: unreach.safi };
}
