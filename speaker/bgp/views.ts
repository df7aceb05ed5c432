import {
  type AdjRibIn,
  type AdjRibOut,
  familyOf,
  type JournalEntry,
  type MessageCounts,
  type Negotiated,
} from "#core/bgp/mod.ts";
import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { BgpSessionRow, Instant } from "#server/ports.ts";
import { isLinkLocal } from "./next_hops.ts";
import type { PeerSession } from "./peer_session.ts";
import type { MessageCounters, PeerMetrics, PeerSettings } from "./types.ts";

/** Oldest first, with times of the wall clock. */
export function messageLog({ journal, world }: PeerSession): JournalEntry[] {
  return journal.entries().map((entry) => ({ ...entry, at: toInstant(world.clock, entry.at) }));
}

/** Sessions count on a clock that never goes back; people read the wall's. */
function toInstant(clock: Clock, at: number): Instant {
  return Math.round(clock.wallMs() - (clock.monotonicMs() - at));
}

/** The console shows the end of the log; one UPDATE may name hundreds of prefixes. */
const shownMessages = 12;
const shownCharacters = 160;

/** One line of the console's table of sessions. */
export function sessionRow({
  settings,
  address,
  state: session,
  advice,
  bfd,
  journal,
  ribIn,
  ribOut,
  world,
}: PeerSession): Omit<BgpSessionRow, "node"> {
  const { negotiated } = session;
  const lastError = trouble(session.lastError, advice);
  const peerASN = negotiated?.peerAS ?? (typeof settings.peerASN === "number" ? settings.peerASN : undefined);
  return {
    peer: settings.name,
    address: addressText(settings, address),
    port: settings.port,
    myASN: settings.myASN,
    ...(peerASN !== undefined && { peerASN }),
    state: session.state,
    since: toInstant(world.clock, session.since),
    ...(session.state === "Established" && {
      uptimeMs: Math.round(world.clock.monotonicMs() - session.since),
    }),
    ...(negotiated && {
      holdTimeMs: negotiated.holdTimeMs,
      keepaliveTimeMs: Math.round(negotiated.keepaliveTimeMs),
    }),
    prefixesSent: ribOut.announced,
    prefixesReceived: ribIn.count,
    ...(lastError && { lastError: { at: toInstant(world.clock, lastError.at), text: lastError.text } }),
    flaps: session.flaps,
    capabilities: [...(negotiated?.capabilities ?? [])],
    ...(bfd && { bfd }),
    ...(settings.vrf !== undefined && { vrf: settings.vrf }),
    ...(!address && { isWaiting: true }),
    ...(negotiated &&
      session.state === "Established" && { families: familyCounts(negotiated, ribIn, ribOut) }),
    ...(negotiated?.peerHostName && { peerName: shortened(negotiated.peerHostName) }),
    pending: ribOut.pending,
    messages: { sent: counters(journal.counts("sent")), received: counters(journal.counts("received")) },
    log: journal
      .entries()
      .slice(-shownMessages)
      .map(({ at, direction, text }) => ({
        at: toInstant(world.clock, at),
        direction,
        text: shortened(text),
      })),
  };
}

function familyCounts({ families }: Negotiated, ribIn: AdjRibIn, ribOut: AdjRibOut) {
  return families.flatMap((each) => {
    const family = familyOf(each);
    return family ? [{ family, sent: ribOut.announcedOf(family), received: ribIn.countOf(family) }] : [];
  });
}

function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters - 1)}…` : text;
}

/** An unnumbered peer goes by its interface, as in FRR, also before it was heard. */
function addressText({ interface: device = "" }: PeerSettings, address: IpAddress | undefined): string {
  if (!address) return device;
  return isLinkLocal(address) && device !== ""
    ? `${formatAddress(address)}%${device}`
    : formatAddress(address);
}

interface Trouble {
  readonly at: number;
  readonly text: string;
}

/** Why the session last failed, and what else is not as it should be. */
function trouble(failure: Trouble | undefined, advice: Trouble | undefined): Trouble | undefined {
  if (!failure || !advice) return failure ?? advice;
  return { at: Math.max(failure.at, advice.at), text: `${failure.text}; ${advice.text}` };
}

export function peerMetrics({ settings, state, journal, traffic, ribIn, ribOut }: PeerSession): PeerMetrics {
  return {
    name: settings.name,
    // Of an unnumbered peer the interface, as in frr-k8s: a series does not change its name when the router is heard.
    address: settings.address ? formatAddress(settings.address) : addressText(settings, undefined),
    port: settings.port,
    vrf: settings.vrf ?? "",
    isUp: state.state === "Established",
    sent: counters(journal.counts("sent")),
    received: counters(journal.counts("received")),
    bytesSent: traffic.sent,
    bytesReceived: traffic.received,
    prefixesAnnounced: ribOut.announced,
    prefixesPending: ribOut.pending,
    prefixesReceived: ribIn.count,
    families: {
      ipv4: { announced: ribOut.announcedOf("ipv4"), received: ribIn.countOf("ipv4") },
      ipv6: { announced: ribOut.announcedOf("ipv6"), received: ribIn.countOf("ipv6") },
    },
    flaps: state.flaps,
  };
}

function counters(counts: MessageCounts): MessageCounters {
  return {
    opens: counts.OPEN,
    updates: counts.UPDATE,
    notifications: counts.NOTIFICATION,
    keepalives: counts.KEEPALIVE,
    routeRefreshes: counts["ROUTE-REFRESH"],
  };
}
