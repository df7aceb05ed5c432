import {
  type AddressRange,
  compareAddress,
  parseAddress,
  parsePrefix,
  prefixToRange,
} from "#core/net/mod.ts";
import { quote } from "./field_reader.ts";

const forms = "write it as first-last with first <= last, or as a CIDR such as 192.168.1.0/24";

/** The range, or what is wrong with the text: the rest of a sentence that begins with it. */
export function parseRange(text: string): AddressRange | string {
  if (!text.includes("-")) {
    const prefix = parsePrefix(text);
    if (prefix) return prefixToRange(prefix);
    const single = parseAddress(text);
    if (single) return `is a single address; write it as ${text}/${single.family === "ipv4" ? 32 : 128}`;
    return `is neither a CIDR nor a range; ${forms}`;
  }
  const dash = text.indexOf("-");
  const [firstText, lastText] = [text.slice(0, dash).trim(), text.slice(dash + 1).trim()];
  const [first, last] = [parseAddress(firstText), parseAddress(lastText)];
  if (!first) return `is not a range: its start ${quote(firstText)} is not an IP address; ${forms}`;
  if (!last) return `is not a range: its end ${quote(lastText)} is not an IP address; ${forms}`;
  if (first.family !== last.family) {
    return "is not a range: one end is IPv4 and the other IPv6; write one range for each family";
  }
  if (compareAddress(first, last) > 0) return `is not a range: the start is above the end; ${forms}`;
  return { first, last };
}
