import { type FieldReader, quote } from "./field_reader.ts";
import { parseSelectors } from "./parse_selector.ts";
import { parsePoolPolicy } from "./pool_policy.ts";
import { parseRange } from "./range_text.ts";
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
  const policy = parsePoolPolicy(metadata.annotations ?? {}, ranges, spec.report);
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    ranges,
    autoAssign: spec.flag("autoAssign", true),
    avoidBuggyIPs: spec.flag("avoidBuggyIPs", false),
    ...(spec.has("serviceAllocation") && {
      serviceAllocation: parseAllocation(spec.object("serviceAllocation")),
    }),
    ...(policy && { policy }),
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
