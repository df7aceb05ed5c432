import { parseCommunity } from "./community.ts";
import type { FieldReader } from "./field_reader.ts";
import { parseL2Policy } from "./l2_policy.ts";
import { parseSelector, parseSelectors } from "./parse_selector.ts";
import { matchesAnySelector } from "./selector.ts";
import type { BgpAdvertisement, CommunityText, L2Advertisement, Pool, Resource } from "./types.ts";

export function parseL2Advertisement(
  spec: FieldReader,
  { metadata }: Resource,
  pools: readonly Pool[],
): L2Advertisement {
  const policy = parseL2Policy(metadata.annotations ?? {}, spec.report);
  return {
    name: metadata.name,
    ...parseSelection(spec, pools),
    interfaces: spec.texts("interfaces"),
    preferredNodeSelectors: spec.objects("preferredNodeSelectors").map((entry) => {
      const weight = entry.integer("weight", 1, 100);
      for (const field of ["weight", "preference"]) {
        if (!entry.has(field)) entry.report(entry.at(field), "field.missing", "it is missing");
      }
      return { weight: weight ?? 1, preference: parseSelector(entry.object("preference")) };
    }),
    ...(policy && { policy }),
  };
}

export function parseBgpAdvertisement(
  spec: FieldReader,
  { metadata }: Resource,
  pools: readonly Pool[],
  aliases: ReadonlyMap<string, CommunityText>,
): BgpAdvertisement {
  const selection = parseSelection(spec, pools);
  const aggregationLength = spec.integer("aggregationLength", 1, 32) ?? 32;
  const aggregationLengthV6 = spec.integer("aggregationLengthV6", 0, 128) ?? 128;
  if (selection.serviceSelectors.length > 0) {
    for (const [name, length, full] of [
      ["aggregationLength", aggregationLength, 32],
      ["aggregationLengthV6", aggregationLengthV6, 128],
    ] as const) {
      if (length === full) continue;
      const sentence = `${length} cannot go with spec.serviceSelectors: an aggregate would also announce Services that are not selected; leave it out, or set it to ${full}`;
      spec.report(spec.at(name), "advertisement.selectors-with-aggregation", sentence);
    }
  }
  const localPref = spec.integer("localPref", 0, 0xffff_ffff);
  return {
    name: metadata.name,
    ...selection,
    aggregationLength,
    aggregationLengthV6,
    ...(localPref !== undefined && { localPref }),
    communities: parseCommunities(spec, aliases),
    peers: spec.uniqueTexts("peers"),
  };
}

function parseSelection(spec: FieldReader, pools: readonly Pool[]) {
  const named = new Set(spec.uniqueTexts("ipAddressPools"));
  const selectors = parseSelectors(spec, "ipAddressPoolSelectors");
  const coversAll = named.size === 0 && selectors.length === 0;
  const covered = pools.filter(
    ({ name, labels }) =>
      coversAll || named.has(name) || (selectors.length > 0 && matchesAnySelector(selectors, labels)),
  );
  return {
    pools: new Set(covered.map(({ name }) => name)),
    ...(named.size > 0 && { ipAddressPools: [...named] }),
    ...(selectors.length > 0 && { ipAddressPoolSelectors: selectors }),
    nodeSelectors: parseSelectors(spec, "nodeSelectors"),
    serviceSelectors: parseSelectors(spec, "serviceSelectors"),
  };
}

function parseCommunities(spec: FieldReader, aliases: ReadonlyMap<string, CommunityText>): CommunityText[] {
  const values = spec.uniqueTexts("communities").flatMap((text, index) => {
    const alias = aliases.get(text);
    if (alias !== undefined) return [alias];
    const parsed = parseCommunity(text);
    if ("value" in parsed) return [parsed.value];
    const path = `${spec.at("communities")}[${index}]`;
    if (text.includes(":")) spec.report(path, "advertisement.community-malformed", parsed.wrong);
    else {
      const known = [...aliases.keys()].sort().join(", ") || "none";
      const sentence = `"${text}" is neither a community such as 65000:100 nor an alias of a Community object; known aliases: ${known}`;
      spec.report(path, "advertisement.community-unknown", sentence);
    }
    return [];
  });
  return [...new Set(values)];
}
