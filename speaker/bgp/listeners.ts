import { ceaseNotification, encodeMessage } from "#core/bgp/mod.ts";
import { type Family, formatAddress, type IpAddress } from "#core/net/mod.ts";
import { interfaceIndex, listenTcp, requireTtl, SystemError, setTcpMd5, tcpEnds } from "#io/mod.ts";
import { type Connection, TcpConnection } from "./connection.ts";
import { type LocalEnd, localEnd } from "./next_hops.ts";
import type { PeerSession } from "./peer_session.ts";

/** Where peers may dial in. */
export interface ListenAt {
  /** Unspecified: any of the family. */
  readonly address: IpAddress;
  readonly port: number;
  /** VRF device. */
  readonly device?: string;
}

/** A connection that somebody dialled. */
export interface Accepted {
  readonly connection: Connection;
  readonly peer: IpAddress;
  /** Interface index of a link-local peer. */
  readonly scopeId?: number;
  readonly local: IpAddress;
  /** RFC 5082 §3. */
  requireTtl(): void;
}

export interface ListeningSocket {
  /** TCP MD5 for the connections of this peer; undefined: none. */
  setKey(peer: IpAddress, key: string | undefined): void;
  stop(): void;
}

/** Throws where the kernel refuses. */
export type Listen = (at: ListenAt, accepted: (one: Accepted) => void) => ListeningSocket;

/** RFC 5082 §3, as for connections that we dial. */
const ttl = 255;
const retryMs = 3_000;

export const listenForPeers: Listen = (at, accepted) => {
  const { fd } = listenTcp({ ...at, ttl });
  const listener = TcpConnection.listen(fd, (connection, accepted_) => {
    const ends = tcpEnds(accepted_);
    if (!ends) return void connection.close();
    const { local, peer } = ends;
    accepted({
      connection,
      peer: peer.address,
      ...(peer.scopeId !== undefined && { scopeId: peer.scopeId }),
      local: local.address,
      requireTtl: () => requireTtl(accepted_, peer.address.family, ttl),
    });
  });
  return { setKey: (peer, key) => setTcpMd5(fd, peer, key ?? ""), stop: () => listener.stop() };
};

interface Wanted {
  readonly at: ListenAt;
  readonly sessions: PeerSession[];
}

interface Open {
  readonly socket: ListeningSocket;
  /** By text of the peer's address. */
  readonly keys: Map<string, { readonly peer: IpAddress; readonly key: string }>;
}

/**
 * The sockets on which peers dial in: on the source address of those that have one, on any where one of them has none,
 * and none at all where no peer asks for it, for another BGP daemon of the node may own the port.
 */
export class Listeners {
  readonly #listen: Listen;
  readonly #port: number;
  readonly #open = new Map<string, Open>();
  #wanted = new Map<string, Wanted>();
  #retry: Timer | undefined;

  constructor(listen: Listen, port: number) {
    this.#listen = listen;
    this.#port = port;
  }

  /** The peers as they are now: call again when one changes, or an unnumbered one is heard. */
  follow(sessions: readonly PeerSession[]): void {
    this.#wanted = this.#wantedFor(sessions.filter(isDialledByPeer));
    for (const [key, { socket }] of this.#open) {
      if (this.#wanted.has(key)) continue;
      socket.stop();
      this.#open.delete(key);
    }
    this.#openWanted();
  }

  stop(): void {
    this.follow([]);
  }

  #openWanted(): void {
    clearTimeout(this.#retry);
    for (const [key, wanted] of this.#wanted) {
      try {
        let open = this.#open.get(key);
        if (!open) {
          const socket = this.#listen(wanted.at, (one) =>
            dispatch(one, this.#wanted.get(key)?.sessions ?? []),
          );
          open = { socket, keys: new Map() };
          this.#open.set(key, open);
        }
        setKeys(open, wanted.sessions);
      } catch (error) {
        for (const session of wanted.sessions) session.advise(failureWords(error, wanted.at));
        this.#retry = setTimeout(() => this.#openWanted(), retryMs);
      }
    }
  }

  #wantedFor(sessions: readonly PeerSession[]): Map<string, Wanted> {
    const groupOf = ({ settings, address }: PeerSession) =>
      `${settings.vrf ?? ""} ${address?.family ?? "ipv6"}`;
    const wanted = new Map<string, Wanted>();
    for (const [group, members] of Map.groupBy(sessions, groupOf)) {
      // A socket on any address leaves no room for another one on a single address.
      const isAny = members.some(({ settings }) => !settings.sourceAddress);
      for (const session of members) {
        const { vrf, sourceAddress } = session.settings;
        const family: Family = session.address?.family ?? "ipv6";
        const address = (isAny ? undefined : sourceAddress) ?? { family, value: 0n };
        const key = `${group} ${formatAddress(address)}`;
        const at = { address, port: this.#port, ...(vrf !== undefined && { device: vrf }) };
        const entry = wanted.get(key) ?? { at, sessions: [] };
        entry.sessions.push(session);
        wanted.set(key, entry);
      }
    }
    return wanted;
  }
}

function isDialledByPeer({ settings }: PeerSession): boolean {
  return settings.connection === "passive" || settings.connection === "both";
}

function setKeys({ socket, keys }: Open, sessions: readonly PeerSession[]): void {
  const wanted = new Map<string, { peer: IpAddress; key: string }>();
  for (const { address: peer, settings } of sessions) {
    if (peer && settings.password) wanted.set(formatAddress(peer), { peer, key: settings.password });
  }
  for (const [text, { peer }] of keys) {
    if (wanted.has(text)) continue;
    socket.setKey(peer, undefined);
    keys.delete(text);
  }
  for (const [text, entry] of wanted) {
    if (keys.get(text)?.key === entry.key) continue;
    socket.setKey(entry.peer, entry.key);
    keys.set(text, entry);
  }
}

/** RFC 4486 §4: whoever is no peer, or dials when there is a session already, is told that it is not wanted. */
function dispatch(one: Accepted, sessions: readonly PeerSession[]): void {
  const session = sessions.find((each) => isFrom(one, each));
  if (session) {
    if (session.settings.isTtlSecured) one.requireTtl();
    const local: LocalEnd = localEnd(one.local, session.settings.interface);
    if (session.accept(one.connection, local)) return;
  }
  const rejected = ceaseNotification("Connection Rejected");
  one.connection.write(encodeMessage(rejected, { fourOctetAs: true, isExternal: true }));
  void one.connection.close();
}

function isFrom({ peer, scopeId }: Accepted, { address, settings }: PeerSession): boolean {
  if (!address || formatAddress(address) !== formatAddress(peer)) return false;
  if (scopeId === undefined || settings.interface === undefined) return true;
  try {
    return interfaceIndex(settings.interface) === scopeId;
  } catch {
    return false;
  }
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there, perhaps another BGP daemon of this node",
  EACCES: "the speaker needs the capability NET_BIND_SERVICE",
  EADDRNOTAVAIL: "it is not an address of this node",
  ENODEV: "there is no such device",
};

function failureWords(error: unknown, { address, port, device }: ListenAt): string {
  const host = address.family === "ipv6" ? `[${formatAddress(address)}]` : formatAddress(address);
  const where = `${host}:${port}${device === undefined ? "" : ` in VRF ${device}`}`;
  const code = error instanceof SystemError ? error.code : String(error);
  const cause = causes[code];
  return `the peer cannot dial in: cannot listen on ${where}: ${code}${cause ? ` (${cause})` : ""}`;
}
