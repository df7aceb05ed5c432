import {
  type AddressRange,
  compareAddress,
  parseAddress,
  parsePrefix,
  prefixToRange,
} from "#core/net/mod.ts";
import { type FieldReader, quote } from "./field_reader.ts";
import { parseSelectors } from "./parse_selector.ts";
import type { Pool, Resource, ServiceAllocation } from "./types.ts";

export function parsePool(spec: FieldReader, { metadata }: Resource): Pool {
  const addresses = spec.texts("addresses");
  if (addresses.length === 0) {
    const sentence = "there are no addresses; give one range at least, such as 192.168.1.240-192.168.1.250";
    spec.report(spec.at("addresses"), "pool.empty", sentence);
  }
  const ranges = addresses.flatMap((text, index) => {
    const range = parseRange(text);
    if (typeof range !== "string") return [range];
    spec.report(`${spec.at("addresses")}[${index}]`, "pool.range-malformed", `${quote(text)} ${range}`);
    return [];
  });
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    ranges,
    autoAssign: spec.flag("autoAssign", true),
    avoidBuggyIPs: spec.flag("avoidBuggyIPs", false),
    ...(spec.has("serviceAllocation") && {
      serviceAllocation: parseAllocation(spec.object("serviceAllocation")),
    }),
  };
}

function parseAllocation(reader: FieldReader): ServiceAllocation {
  return {
    priority: reader.integer("priority", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ?? 0,
    namespaces: reader.uniqueTexts("namespaces"),
    namespaceSelectors: parseSelectors(reader, "namespaceSelectors"),
    serviceSelectors: parseSelectors(reader, "serviceSelectors"),
  };
}

const forms = "write it as first-last with first <= last, or as a CIDR such as 192.168.1.0/24";

/** The range, or what is wrong with the text: the rest of a sentence that begins with it. */
function parseRange(text: string): AddressRange | string {
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
