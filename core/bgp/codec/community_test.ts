import { expect, test } from "bun:test";
import { formatCommunity, parseCommunity } from "./community.ts";

test.each(["0:0", "65535:65281", "64512:100", "large:0:0:0", "large:4294967295:1:4294967295"])(
  "parseCommunity() reads %s, and formatCommunity() writes it back",
  (text) => {
    const community = parseCommunity(text);
    expect(community && formatCommunity(community)).toBe(text);
  },
);

test.each([
  "",
  "1",
  "65536:1",
  "1:65536",
  "-1:1",
  "1:",
  "0x1:1",
  "1:2:3",
  "large:1:2",
  "large:1:2:4294967296",
  "huge:1:2:3",
  "1:2:3:4",
  "no-export",
])("parseCommunity() refuses %p", (text) => expect(parseCommunity(text)).toBeUndefined());
