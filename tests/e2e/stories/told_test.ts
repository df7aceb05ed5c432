/**
 * Where each failure story is told as a test. A story is here either by tests of its name, or
 * by tests of another room that show what it asks for.
 */
import { describe, expect, test } from "bun:test";

type Told = readonly (readonly [file: string, name: string])[];

const own = (file: string, name: string): Told[number] => [`tests/e2e/stories/${file}_test.ts`, name];

const stories: Readonly<Record<string, Told>> = {
  "4: partition, both sides answer": [own("partition", "story 4: after a partition one node answers")],
  "5: shared address announced by two nodes": [
    own("partition", "story 5: an address that two Services share"),
    ["core/announce/announce_test.ts", "Services that share an address have one winner"],
  ],
  "6: nobody announces after an endpoint change": [
    own("return", "story 6: a rolling update from node to node"),
    own("return", "story 6: one of two Services on an address goes"),
  ],
  "7: BGP sessions flap at every Service change": [
    own("sessions", "story 7: 1,000 changes of Services"),
    ["tests/integration/bfd_bgp_test.ts", "1,000 changes of routes while the main thread is held up"],
  ],
  "8: owner whose responder is not programmed": [own("links", "story 8: a responder that was made deaf")],
  "9: a node whose link is down keeps ownership": [
    own("links", "story 9: a node whose announcing link lost"),
  ],
  "10: stale address, wedged owner": [own("loss", "story 10: after any sequence")],
  "11: the API server is down": [own("loss", "story 11: without the API server")],
  "12: cordon withdraws everything": [
    own("loss", "story 12: cordoned nodes go on announcing"),
    own("loss", "story 12: a cluster of one node announces"),
    own(
      "failback",
      "story 30: a drained node hands over without a gap, and a cluster of drained nodes goes on",
    ),
  ],
  "13: a stuck status object": [
    ["tests/simulation/stories_test.ts", "%p at a Service's status: others are served"],
    ["tests/simulation/stories_test.ts", "%p at ServiceL2Status: what is announced stays"],
  ],
  "14: responder lost after an interface restart": [
    own("links", "story 14: an interface that is deleted and made again"),
    ["tests/integration/l2_arp_test.ts", "it answers within a second on an interface that was deleted"],
  ],
  "15: wrong MAC from a slave or a NIC that is down": [
    own("links", "story 15: a slave, and an interface that is down"),
    ["tests/integration/l2_arp_test.ts", "a member of a bridge is silent"],
  ],
  "16: switch tables age out": [
    ["core/l2/gratuitous_test.ts", "an owned address is never silent longer than a refresh"],
  ],
  "17: taken back too early by a node that is not stable": [
    own("failback", "story 17: a node that comes back takes nothing before"),
    own("failback", "story 17: a node that is lost again and again"),
  ],
  "19: a password that is silently ignored": [
    ["tests/integration/bgp_stories_test.ts", "story 19: every field that a BGPPeer may have is heeded"],
    ["tests/integration/bgp_bird_password_test.ts", "another password there"],
    ["tests/integration/bgp_bird_password_test.ts", "no password there"],
  ],
  "18: announced before kube-proxy is ready": [
    own("return", "story 18: a node that just got its first local endpoint"),
    ["core/announce/announcements_test.ts", "a node that just got its first local endpoint"],
  ],
  "21: an event storm": [
    ["tests/simulation/quiet_hour_test.ts", "story 21: an hour of endpoint churn"],
    ["tests/integration/controller_test.ts", "ten seconds of steady state with endpoint churn"],
  ],
  "22: the old node still says that it announces": [
    own("loss", "story 22: after a failover one speaker"),
    ["tests/e2e/l2_status_test.ts", "after a takeover there is one status and one series"],
  ],
  "23: Services of other controllers damaged at shutdown": [
    ["tests/simulation/stories_test.ts", "are never written, with pools: %p"],
    ["tests/simulation/stories_test.ts", "shutdown patches nothing"],
  ],
  "24: CRDs deleted at an upgrade": [
    ["tests/simulation/stories_test.ts", "Services keep their addresses, they stay announced"],
    ["tests/simulation/stories_test.ts", "it is told by an event"],
  ],
  "25: missing rights after an upgrade": [
    ["tests/simulation/missing_rights_test.ts", "every right is taken away here, or asked for elsewhere"],
    ["tests/e2e/rights_test.ts", "all of them are needed, and none is missing"],
  ],
  "26: sessions flap under scale": [
    ["tests/integration/bgp_stories_test.ts", "story 26: 450 routes to four peers come and go"],
  ],
  "28: solicited-node group not joined": [
    own("links", "story 28: the announcer is in the solicited-node group"),
    [
      "tests/integration/l2_ndp_groups_test.ts",
      "a switch that snoops passes questions on to the owner's port",
    ],
  ],
  "29: a leak": [
    ["tests/simulation/leak_test.ts", "story 29: when all that came is gone"],
    ["tests/simulation/leak_test.ts", "story 29: no table, closure or promise is left over"],
  ],
  "32: a selector that catches the Pods of others": [
    ["tests/selectors_test.ts", "is there: of a controller and of a speaker"],
  ],
  "30: taken back before the state is there": [
    own("return", "story 30: an address goes back without a gap"),
    own("failback", "story 30: with failback never"),
  ],
};

describe("failure stories", () => {
  for (const [story, told] of Object.entries(stories)) {
    test(`${story}: is told where it is said to be`, async () => {
      for (const [file, name] of told) {
        const source = await Bun.file(`${import.meta.dir}/../../../${file}`).text();
        const names = [...source.matchAll(/\btest(?:\.\w+\([^)]*\))?\(\s*["`]([^"`]*)/g)].map(
          ([, found]) => found,
        );
        expect(names.some((found) => found?.includes(name)) || `${file} has no test "${name}"`).toBe(true);
      }
    });
  }
});
