import type { Family, IpAddress } from "#core/net/mod.ts";

/** One BGP peer of this node. A change concerns that session and no other. */
export interface PeerSettings {
  /** BGPPeer name, unique on the node. */
  readonly name: string;
  /** Absent: an unnumbered peer, the router whose advertisements are heard on `interface`. */
  readonly address?: IpAddress;
  /** Interface through which a link-local or unnumbered peer is reached. */
  readonly interface?: string;
  /** Who dials: this node (default), the peer, or whoever comes first (RFC 4271 §6.8). */
  readonly connection?: "active" | "passive" | "both";
  /** RFC 5082 §3: only packets that crossed no router are taken. */
  readonly isTtlSecured?: boolean;
  /** Before a planned stop, routes bear GRACEFUL_SHUTDOWN for so long (RFC 8326). Default 0. */
  readonly gracefulShutdownMs?: number;
  /** Asks the peer to keep our routes, as the last resort, for so long after the restart time (RFC 9494). */
  readonly longLivedStaleSeconds?: number;
  readonly port: number;
  /** The AS number presented to the peer: `localASN` where that is set, else `myASN`. */
  readonly myASN: number;
  /** A number, or any AS that equals (internal) or differs from (external) ours. */
  readonly peerASN: number | "internal" | "external";
  /** Local address of the TCP connection; the kernel chooses where it is not set, or not an address of this node. */
  readonly sourceAddress?: IpAddress;
  /** IPv4. Default: the local address of the TCP connection, or a number made of the node's name where that is IPv6. */
  readonly routerID?: IpAddress;
  /** Default 90 s, or three times `keepaliveTimeMs` where only that is set; 0 switches both timers off. */
  readonly holdTimeMs?: number;
  /** Default a third of the negotiated hold time. */
  readonly keepaliveTimeMs?: number;
  /** ConnectRetryTime: how long one attempt may take, and the longest pause between two; it begins at 250 ms. Default 10 s. */
  readonly connectTimeMs?: number;
  /** TCP MD5 (RFC 2385), at most 80 bytes. */
  readonly password?: string;
  /** Both families in one session; default the family of the peer's address alone. */
  readonly dualStackAddressFamily?: boolean;
  /** The peer shall keep our routes while we restart (RFC 4724). */
  readonly enableGracefulRestart?: boolean;
  /** VRF device the connection is bound to. */
  readonly vrf?: string;
  /** BFDProfile that watches the peer: only then {@link BfdState} counts. A change of it leaves the session alone. */
  readonly bfdProfile?: string;
}

/** A peer whose address is known. */
export type PeerTarget = PeerSettings & { readonly address: IpAddress };

/** RFC 5880 §6.2 as a client sees it; `adminDown` is said by the peer, and says nothing of the path (RFC 5882 §4.2). */
export type BfdState = "up" | "down" | "adminDown";

export interface MessageCounters {
  readonly opens: number;
  readonly updates: number;
  readonly notifications: number;
  readonly keepalives: number;
  readonly routeRefreshes: number;
}

/** What the metrics of one peer are made of. Counters live as long as the peer's settings do not change. */
export interface PeerMetrics {
  readonly name: string;
  /** Text of the peer's address. */
  readonly address: string;
  readonly port: number;
  /** "" is the default VRF. */
  readonly vrf: string;
  readonly isUp: boolean;
  readonly sent: MessageCounters;
  readonly received: MessageCounters;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Prefixes the peer has been told in this session and not been told to forget. */
  readonly prefixesAnnounced: number;
  /** Prefixes whose announcement or withdrawal is still to be sent. */
  readonly prefixesPending: number;
  readonly prefixesReceived: number;
  readonly families: Readonly<Record<Family, { readonly announced: number; readonly received: number }>>;
  readonly flaps: number;
}

export interface BgpSpeakerOptions {
  /** Where peers dial in that are to; default 179. */
  readonly listenPort?: number;
  /** Makes the router ID of sessions over IPv6 that set none. */
  readonly nodeName: string;
  /** A session, a counter of prefixes or an error changed; called at most once per turn of the event loop. */
  readonly onChange?: () => void;
  /** One line per session event worth a log line. */
  readonly log?: (level: "info" | "warn", peer: string, message: string) => void;
}
