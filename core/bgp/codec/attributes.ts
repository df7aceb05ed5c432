import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";
import {
  type AttributeName,
  type AttributeRow,
  attributesByCode,
  type CodecContext,
  type PathAttributes,
  type UnknownAttribute,
} from "./attribute_table.ts";
import { BgpError, bgpError, type Handling } from "./error.ts";

const OPTIONAL = 0x80;
const TRANSITIVE = 0x40;
const EXTENDED_LENGTH = 0x10;

/** Flags, code and an extended length. */
export const attributeHeaderLengthMax = 4;

const flagsOf = {
  "well-known": TRANSITIVE,
  "optional-transitive": OPTIONAL | TRANSITIVE,
  "optional-non-transitive": OPTIONAL,
} as const;

export interface DecodedAttributes {
  readonly attributes: PathAttributes;
  /** In the order they were found; each says its own handling. */
  readonly problems: readonly BgpError[];
}

/**
 * Reads the path attributes of an UPDATE (RFC 4271 §4.3) by the table, with RFC 7606's handling of each fault:
 *
 *   flags (1 octet) | code (1) | length (1, or 2 with the Extended Length bit) | value
 *
 * Throws only what must reset the session.
 */
export function decodeAttributes(bytes: Uint8Array, context: CodecContext): DecodedAttributes {
  const reader = new Reader(bytes);
  const known: Partial<Record<AttributeName, unknown>> = {};
  const unknown: UnknownAttribute[] = [];
  const problems: BgpError[] = [];
  const seen = new Set<number>();
  const note = (problem: BgpError) => {
    if (problem.handling === "session-reset") throw problem;
    problems.push(problem);
  };
  while (reader.remaining > 0) {
    const start = reader.offset;
    const header = readAttributeHeader(reader);
    if (!header) {
      // RFC 7606 §4: the attributes overrun their field; where it ends, and so the NLRI, is known all the same, unless
      // it is the routes themselves that are cut (§3 j).
      const problem = bgpError(
        "UPDATE Message Error",
        "Malformed Attribute List",
        "the last attribute is longer than the field of attributes",
        bytes.slice(start),
        carriesRoutes(bytes[start + 1]) ? "session-reset" : "treat-as-withdraw",
      );
      note(problem);
      break;
    }
    const { flags, code, value } = header;
    const whole = bytes.slice(start, reader.offset);
    if (seen.has(code)) {
      // RFC 7606 §3 g: the first one counts, unless it is of routes.
      const handling = carriesRoutes(code) ? "session-reset" : "attribute-discard";
      const detail = `attribute ${code} appears twice${carriesRoutes(code) ? "" : "; the first counts"}`;
      note(bgpError("UPDATE Message Error", "Malformed Attribute List", detail, whole, handling));
      continue;
    }
    seen.add(code);
    const entry = attributesByCode.get(code);
    if (!entry) {
      if ((flags & OPTIONAL) === 0) {
        const detail = `attribute ${code} is said to be well-known, but is not`;
        throw bgpError("UPDATE Message Error", "Unrecognized Well-known Attribute", detail, whole);
      }
      unknown.push({ code, flags: flags & ~EXTENDED_LENGTH, value: value.slice() });
      continue;
    }
    const [name, row] = entry;
    const result = decodeOne(name, row, flags, value, whole, context);
    if (result.problem) note(result.problem);
    if (result.value !== undefined) known[name] = result.value;
  }
  const attributes = (unknown.length > 0 ? { ...known, unknown } : known) as PathAttributes;
  return { attributes, problems };
}

function carriesRoutes(code: number | undefined): boolean {
  return code !== undefined && attributesByCode.get(code)?.[1].carriesRoutes === true;
}

function readAttributeHeader(reader: Reader): { flags: number; code: number; value: Uint8Array } | undefined {
  try {
    const flags = reader.u8();
    const code = reader.u8();
    const length = flags & EXTENDED_LENGTH ? reader.u16() : reader.u8();
    return { flags, code, value: reader.bytes(length) };
  } catch (error) {
    if (error instanceof ShortReadError) return undefined;
    throw error;
  }
}

function decodeOne(
  name: AttributeName,
  row: AttributeRow<unknown>,
  flags: number,
  value: Uint8Array,
  whole: Uint8Array,
  context: CodecContext,
): { value?: unknown; problem?: BgpError } {
  const discarded = row.discardedFrom?.(context);
  if (discarded !== undefined) {
    const detail = `${name} is dropped: ${discarded}`;
    return {
      problem: bgpError(
        "UPDATE Message Error",
        "Malformed Attribute List",
        detail,
        whole,
        "attribute-discard",
      ),
    };
  }
  if (((flags ^ flagsOf[row.category]) & (OPTIONAL | TRANSITIVE)) !== 0) {
    // RFC 7606 §3 c: whatever the attribute's own handling is; routes are read all the same, to be withdrawn.
    const detail = `${name} has flags 0x${flags.toString(16)}; it is ${row.category}`;
    const problem = bgpError(
      "UPDATE Message Error",
      "Attribute Flags Error",
      detail,
      whole,
      "treat-as-withdraw",
    );
    return row.carriesRoutes ? { problem, ...readValue(name, row, value, whole, context) } : { problem };
  }
  return readValue(name, row, value, whole, context);
}

function readValue(
  name: AttributeName,
  row: AttributeRow<unknown>,
  value: Uint8Array,
  whole: Uint8Array,
  context: CodecContext,
): { value: unknown } | { problem: BgpError } {
  try {
    const reader = new Reader(value);
    const decoded = row.decode(reader, context);
    if (reader.remaining === 0) return { value: decoded };
    return { problem: lengthError(name, value, whole, row.whenMalformed) };
  } catch (error) {
    if (error instanceof ShortReadError)
      return { problem: lengthError(name, value, whole, row.whenMalformed) };
    if (!(error instanceof BgpError)) throw error;
    const detail = `${name}: ${error.detail}`;
    return { problem: new BgpError(error.code, error.subcode, detail, whole, row.whenMalformed) };
  }
}

function lengthError(name: string, value: Uint8Array, whole: Uint8Array, handling: Handling): BgpError {
  const detail = `${name} has a wrong length: ${value.length} octets`;
  return bgpError("UPDATE Message Error", "Attribute Length Error", detail, whole, handling);
}

/** Writes the attributes ascending by code (RFC 4271 §5), those with routes first, unknown ones as they came. */
export function encodeAttributes(attributes: PathAttributes, context: CodecContext): Uint8Array {
  const fields: { code: number; flags: number; value: Uint8Array }[] = [...(attributes.unknown ?? [])];
  for (const [code, [name, row]] of attributesByCode) {
    const value = attributes[name];
    if (value === undefined) continue;
    fields.push({ code, flags: flagsOf[row.category], value: row.encode(value, context) });
  }
  const place = (code: number) => (carriesRoutes(code) ? 0 : code);
  fields.sort((a, b) => place(a.code) - place(b.code) || a.code - b.code);
  const writer = new Writer(fields.reduce((sum, { value }) => sum + 4 + value.length, 0));
  for (const { code, flags, value } of fields) {
    if (value.length > 255)
      writer
        .u8(flags | EXTENDED_LENGTH)
        .u8(code)
        .u16(value.length);
    else writer.u8(flags).u8(code).u8(value.length);
    writer.bytes(value);
  }
  return writer.finish();
}
