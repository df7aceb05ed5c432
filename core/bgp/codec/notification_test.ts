import { describe, expect, test } from "bun:test";
import { ceaseNotification, describeNotification, notificationName } from "./mod.ts";

function words(code: number, subcode: number, hex = ""): string {
  return describeNotification({ type: "NOTIFICATION", code, subcode, data: Uint8Array.fromHex(hex) });
}

describe("describeNotification()", () => {
  test.each([
    [1, 1, "", "Message Header Error, Connection Not Synchronized"],
    [1, 2, "1001", "Message Header Error, Bad Message Length (length 4097)"],
    [1, 3, "09", "Message Header Error, Bad Message Type (message type 9)"],
    [2, 0, "", "OPEN Message Error, Unspecific"],
    [2, 1, "0004", "OPEN Message Error, Unsupported Version Number (peer supports version 4)"],
    [2, 2, "", "OPEN Message Error, Bad Peer AS"],
    [2, 2, "0000fde7", "OPEN Message Error, Bad Peer AS (peer was told AS 64999 and expects another)"],
    [2, 2, "fde7", "OPEN Message Error, Bad Peer AS (peer was told AS 64999 and expects another)"],
    [2, 6, "", "OPEN Message Error, Unacceptable Hold Time"],
    [2, 7, "010400020001", "OPEN Message Error, Unsupported Capability (peer requires ipv6-unicast)"],
    [3, 3, "03", "UPDATE Message Error, Missing Well-known Attribute (attribute NEXT_HOP)"],
    [3, 5, "40010200", "UPDATE Message Error, Attribute Length Error (attribute ORIGIN, 40010200)"],
    [4, 0, "", "Hold Timer Expired"],
    [5, 3, "01", "Finite State Machine Error, Receive Unexpected Message in Established State (data 01)"],
    [
      6,
      1,
      "00010100000064",
      "Cease, Maximum Number of Prefixes Reached (peer allows 100 ipv4-unicast prefixes)",
    ],
    [6, 2, "0462796521", 'Cease, Administrative Shutdown ("bye!")'],
    [6, 2, "00", 'Cease, Administrative Shutdown ("")'],
    [6, 2, "0262", "Cease, Administrative Shutdown (data 0262)"],
    [6, 4, "02c328", "Cease, Administrative Reset (data 02c328)"],
    [6, 4, "030a0d62", 'Cease, Administrative Reset ("  b")'],
    [6, 9, "0602046d6f7665", 'Cease, Hard Reset (Cease, Administrative Shutdown ("move"))'],
    [6, 9, "0609".repeat(20), `Cease, Hard Reset (data ${"0609".repeat(16)}… (40 octets))`],
    [6, 10, "", "Cease, BFD Down"],
    [6, 99, "", "Cease, subcode 99"],
    [8, 0, "", "Send Hold Timer Expired"],
    [77, 5, "", "error code 77, subcode 5"],
  ])("%d/%d %s", (code, subcode, hex, expected) => expect(words(code, subcode, hex)).toBe(expected));
});

describe("ceaseNotification()", () => {
  test("carries an RFC 9003 text where it may", () => {
    const shutdown = ceaseNotification("Administrative Shutdown", "점검");
    expect(describeNotification(shutdown)).toBe('Cease, Administrative Shutdown ("점검")');
    expect(ceaseNotification("Peer De-configured", "text").data.length).toBe(0);
  });

  test("cuts a text that is too long between characters", () => {
    const { data } = ceaseNotification("Administrative Shutdown", "가".repeat(100));
    expect(data.length).toBe(256);
    expect(data[0]).toBe(255);
    const long = ceaseNotification("Administrative Shutdown", `a${"가".repeat(100)}`);
    expect(long.data[0]).toBe(253);
    expect(describeNotification(long)).toContain(`a${"가".repeat(84)}"`);
  });
});

test("notificationName() is the standard's words", () => {
  expect(notificationName(6, 7)).toBe("Cease, Connection Collision Resolution");
});
