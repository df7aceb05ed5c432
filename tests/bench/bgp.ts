/**
 * BGP with real routers: how long routes take to them and back out, beside other speakers that announce the same to
 * the same router; then what only our speaker is asked for. Bytes are what the announcer's interface sent, TCP and
 * Ethernet headers included; UPDATEs are what the router says it received. `--full` has larger tables for all.
 */

import { Link } from "./bgp/link.ts";
import { measureChanges, measureGrowth, measureKeepalives, measurePeers, measureStart } from "./bgp/ours.ts";
import { measureTables } from "./bgp/tables.ts";
import { cleanUpOnSignal } from "./ending.ts";

const isFull = process.argv.includes("--full");
const all = [1_000, 10_000, 60_000];
const few = isFull ? all : [1_000, 10_000];

/** Where the times of two speakers are near each other. */
const turns = 5;

const link = new Link();
cleanUpOnSignal(() => link.remove());
try {
  await measureTables(link, [
    { to: "FRR 8", from: "metallb-ts", counts: all, turns },
    { to: "FRR 8", from: "BIRD 2", counts: all, turns },
    { to: "FRR 8", from: "GoBGP 3", counts: few },
    { to: "FRR 8", from: "ExaBGP 4", counts: few },
    { to: "BIRD 2", from: "metallb-ts", counts: all, turns },
    { to: "BIRD 2", from: "BIRD 2", counts: all, turns },
    { to: "GoBGP 3", from: "metallb-ts", counts: few },
    { to: "OpenBGPD 7", from: "metallb-ts", counts: few },
  ]);
  await measureStart(link, isFull ? 20 : 5);
  await measureChanges(link, [10_000, 60_000]);
  await measureGrowth(link, 10_000, 5);
  await measurePeers(link, 256, 100);
  await measureKeepalives(link, isFull ? 60 : 12);
} finally {
  await link.remove();
}
