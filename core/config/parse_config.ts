import { acceptEach } from "./accept.ts";
import { checkAggregation, checkEcho, checkLocalPref } from "./check_advertisement.ts";
import { checkTarget } from "./check_peer.ts";
import { type Alias, parseAliases } from "./community.ts";
import { parseBgpAdvertisement, parseL2Advertisement } from "./parse_advertisement.ts";
import { parseBfdProfile } from "./parse_bfd_profile.ts";
import { parsePeer } from "./parse_peer.ts";
import { parsePool } from "./parse_pool.ts";
import { RangeClaims } from "./range_claims.ts";
import type { Config, ConfigIssue, ConfigResources } from "./types.ts";

/**
 * All objects of the API group as one {@link Config}, and what was rejected. The order of the lists does not matter:
 * where two objects claim the same, the older one has it. `previous` is the configuration in force till now.
 */
export function parseConfig(
  resources: ConfigResources,
  previous?: Config,
): { config: Config; issues: ConfigIssue[] } {
  const issues: ConfigIssue[] = [];

  const aliases = new Map<string, Alias & { object: string }>();
  acceptEach(resources.communities, [], issues, {
    parse: (spec, { metadata }) => ({ name: metadata.name, aliases: parseAliases(spec) }),
    check: (community, _, report) => {
      for (const { name, path } of community.aliases) {
        const other = aliases.get(name);
        if (!other) continue;
        const sentence = `"${name}" is already defined by the older Community "${other.object}"; each alias may be defined once`;
        report(path, "community.duplicate", sentence);
      }
    },
    accept: (community) => {
      for (const alias of community.aliases) aliases.set(alias.name, { ...alias, object: community.name });
    },
  });

  const bfdProfiles = acceptEach(resources.bfdProfiles, previous?.bfdProfiles ?? [], issues, {
    parse: parseBfdProfile,
  });

  const peers = acceptEach(resources.peers, previous?.peers ?? [], issues, {
    // A Secret that is gone leaves the last accepted version, and its password, in force.
    parse: (spec, resource) => parsePeer(spec, resource, resources.secrets),
    check: (peer, older, report) => {
      checkTarget(peer, older, resources.nodes, report);
      const { bfdProfile } = peer;
      if (bfdProfile === undefined || bfdProfiles.some(({ name }) => name === bfdProfile)) return;
      const known = bfdProfiles.map(({ name }) => name).join(", ") || "none";
      const sentence = `there is no valid BFDProfile named "${bfdProfile}"; known profiles: ${known}`;
      report("spec.bfdProfile", "peer.bfd-profile-unknown", sentence);
    },
  });

  const claims = new RangeClaims();
  const pools = acceptEach(resources.pools, previous?.pools ?? [], issues, {
    parse: parsePool,
    check: (pool, _, report) => claims.check(pool, report),
    accept: (pool) => claims.add(pool),
  });

  const l2Advertisements = acceptEach(resources.l2Advertisements, previous?.l2Advertisements ?? [], issues, {
    parse: (spec, resource) => parseL2Advertisement(spec, resource, pools),
  });

  const values = new Map([...aliases.values()].map(({ name, value }) => [name, value]));
  const bgpAdvertisements = acceptEach(
    resources.bgpAdvertisements,
    previous?.bgpAdvertisements ?? [],
    issues,
    {
      parse: (spec, resource) => parseBgpAdvertisement(spec, resource, pools, values),
      check: (ad, older, report) => {
        checkAggregation(ad, pools, report);
        checkLocalPref(ad, older, pools, resources.nodes, report);
        checkEcho(ad, pools, peers, bfdProfiles, report);
      },
    },
  );

  return { config: { pools, l2Advertisements, bgpAdvertisements, peers, bfdProfiles }, issues };
}
