import { describe, expect, test } from "bun:test";
import { decodeMessage } from "./message.ts";
import { describeMessage } from "./message_words.ts";

const context = { fourOctetAs: true, isExternal: true };

/** An OPEN of AS 65001, hold time 90 s, identifier 10.0.0.1, with these optional parameters. */
function open(parameters: string, version = "04"): Uint8Array {
  const body = `${version}fde9005a0a000001${parameters}`;
  const length = (19 + body.length / 2).toString(16).padStart(4, "0");
  return Uint8Array.fromHex(`${"ff".repeat(16)}${length}01${body}`);
}

describe("decodeMessage() of an OPEN", () => {
  test("reads one without optional parameters, which MetalLB's native mode refuses", () => {
    expect(describeMessage(decodeMessage(open("00"), context))).toEndWith("capabilities: none");
  });

  test.each([
    // RFC 9072 §2: type 255, then lengths of two octets; the one-octet length is ignored, except for zero.
    ["of full length", "ff ff 0009 02 0006 4104 0000fde9"],
    ["of a short length that is not true", "04 ff 0009 02 0006 4104 0000fde9"],
    ["in two parameters", "ff ff 000e 02 0006 4104 0000fde9 02 0002 0200"],
    ["that are none", "ff ff 0000"],
  ])("reads extended optional parameters %s", (_, parameters) => {
    const words = describeMessage(decodeMessage(open(parameters.replaceAll(" ", "")), context));
    expect(words).toMatch(/capabilities: (4-octet AS|4-octet AS, route refresh|none)$/);
  });

  test("keeps a capability whose value does not fit as an unknown one", () => {
    const words = describeMessage(decodeMessage(open("0702054103000001"), context));
    expect(words).toEndWith("capabilities: capability 65");
  });

  test.each([
    ["another version", open("00", "03"), "OPEN Message Error, Unsupported Version Number", "0004"],
    ["parameters longer than the message", open("05"), "OPEN Message Error, Unspecific", ""],
    ["octets after the parameters", open("0000"), "OPEN Message Error, Unspecific", ""],
    ["a parameter longer than the rest", open("03020501"), "OPEN Message Error, Unspecific", ""],
    ["a capability longer than its parameter", open("0402024104"), "OPEN Message Error, Unspecific", ""],
    ["another parameter", open("03010100"), "OPEN Message Error, Unsupported Optional Parameter", ""],
    ["extended parameters of a wrong length", open("ffff000102"), "OPEN Message Error, Unspecific", ""],
  ])("answers %s with the right NOTIFICATION", (_, bytes, name, data) => {
    const refused = catchError(() => decodeMessage(bytes, context));
    expect(refused.message).toStartWith(name);
    expect(refused.data.toHex()).toBe(data);
    expect(refused.handling).toBe("session-reset");
  });
});

function catchError(action: () => unknown): { message: string; data: Uint8Array; handling: string } {
  try {
    action();
  } catch (error) {
    return error as { message: string; data: Uint8Array; handling: string };
  }
  throw new Error("Nothing was refused");
}
