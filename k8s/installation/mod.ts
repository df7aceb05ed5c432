/**
 * What our own manifests install, as data: for whoever compares a cluster with it. The files themselves are the
 * source; a bundle carries them.
 */
import bfdProfiles from "../crds/bfdprofiles.yaml";
import bgpAdvertisements from "../crds/bgpadvertisements.yaml";
import bgpPeers from "../crds/bgppeers.yaml";
import bgpSessionStates from "../crds/bgpsessionstates.yaml";
import communities from "../crds/communities.yaml";
import configurationStates from "../crds/configurationstates.yaml";
import ipAddressPools from "../crds/ipaddresspools.yaml";
import l2Advertisements from "../crds/l2advertisements.yaml";
import serviceBgpStatuses from "../crds/servicebgpstatuses.yaml";
import serviceL2Statuses from "../crds/servicel2statuses.yaml";
import rights from "../manifests/base/rbac.yaml";
import type { KubeObject } from "../types.ts";

export const installedDefinitions: readonly KubeObject[] = [
  bfdProfiles,
  bgpAdvertisements,
  bgpPeers,
  bgpSessionStates,
  communities,
  configurationStates,
  ipAddressPools,
  l2Advertisements,
  serviceBgpStatuses,
  serviceL2Statuses,
];

/** ServiceAccounts, Roles, ClusterRoles and their bindings. */
export const installedRights: readonly KubeObject[] = rights;
