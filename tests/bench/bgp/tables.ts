/** How long a table of /32s takes to a router and out of it again; the session is up before the clock starts. */
import { eventually } from "../../integration/harness/eventually.ts";
import { median, table } from "../measure.ts";
import { announcers } from "./announcers.ts";
import type { Link } from "./link.ts";
import { type Receiver, receivers } from "./receivers.ts";

export interface Pairing {
  readonly to: keyof typeof receivers;
  readonly from: keyof typeof announcers;
  readonly counts: readonly number[];
  /** Times are the median of so many turns in one session; default 1. */
  readonly turns?: number;
}

const limitMs = 60_000;

export async function measureTables(link: Link, pairings: readonly Pairing[]): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const { to, from, counts, turns = 1 } of pairings) {
    const receiver = link.kept(await receivers[to](link.pair.router));
    const announcer = link.kept(await announcers[from](link.pair.speaker));
    await eventually("a session", async () => (await receiver.routes()) === 0, limitMs);
    for (const count of counts) {
      const before = sent(link, receiver);
      const inMs = [await until(receiver, count, () => announcer.announce(count))];
      const full = sent(link, receiver);
      const outMs = [await until(receiver, 0, () => announcer.withdraw(count))];
      const empty = sent(link, receiver);
      while (inMs.length < turns) {
        inMs.push(await until(receiver, count, () => announcer.announce(count)));
        outMs.push(await until(receiver, 0, () => announcer.withdraw(count)));
      }
      const messages = [full.updates - before.updates, empty.updates - full.updates];
      const bytes = [full.bytes - before.bytes, empty.bytes - full.bytes];
      rows.push([
        to,
        from,
        count,
        median(inMs),
        median(outMs),
        ...messages,
        ...bytes.map((each) => each / count),
      ]);
    }
    await link.endAll();
  }
  const headings = ["to", "from", "routes", "all there ms", "all gone ms", "UPDATEs", "to withdraw"];
  table("IPv4 /32 over eBGP", [...headings, "bytes a route", "to withdraw"], rows);
}

export async function until(
  receiver: Receiver,
  count: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  await work();
  await eventually(`${count} routes`, async () => (await receiver.routes()) === count, limitMs, 1);
  return performance.now() - startedAt;
}

function sent(link: Link, receiver: Receiver): { bytes: number; updates: number } {
  return { bytes: link.bytesSent(), updates: receiver.updates() };
}
