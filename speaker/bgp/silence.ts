import { formatAddress } from "#core/net/mod.ts";
import { dialTcp, SystemError } from "#io/mod.ts";
import type { PeerTarget } from "./types.ts";

/** What a host does with a connection to one of its ports. */
export type Answer = "accepts" | "refuses" | "silent";

/** Long enough for one SYN to be sent again. */
const knockTimeMs = 1_500;

/** A port where hardly anybody listens (RFC 863): a host that is up says so by a reset. */
const otherPort = 9;

/**
 * Why our SYNs are not answered, as far as it can be seen: Linux and routers drop, without a word, a segment whose TCP
 * MD5 signature is wrong, missing or unexpected (RFC 2385 §2), while their host answers everything else.
 */
export async function explainSilence(peer: PeerTarget): Promise<string | undefined> {
  const unsigned = peer.password === undefined ? "silent" : await knock(peer, peer.port);
  const host = unsigned === "silent" ? await knock(peer, otherPort) : unsigned;
  return silenceWords(peer.password !== undefined, unsigned, host);
}

/** `unsigned`: the BGP port without our password; `host`: the host at all. */
export function silenceWords(hasPassword: boolean, unsigned: Answer, host: Answer): string | undefined {
  if (unsigned === "accepts")
    return "the peer takes connections without a password, and one is set here: it likely has no TCP MD5 password for this node";
  if (unsigned === "refuses") return "nobody listens there: without the password the connection is refused";
  if (host === "silent") return undefined;
  return hasPassword
    ? "its host answers, but not to the TCP MD5 password that is set here: the password is likely another one there"
    : "its host answers, but its BGP port does not: the peer likely wants a TCP MD5 password, and none is set here";
}

/** Whether a new connection that is signed with the peer's password comes up. */
export async function acceptsPassword(peer: PeerTarget): Promise<boolean> {
  return (await knock(peer, peer.port, peer.password)) === "accepts";
}

async function knock(peer: PeerTarget, port: number, md5Key?: string): Promise<Answer> {
  const zone = peer.interface === undefined ? "" : `%${peer.interface}`;
  try {
    const { fd } = await dialTcp({
      address: `${formatAddress(peer.address)}${zone}`,
      port,
      ttl: 255,
      timeoutMs: knockTimeMs,
      ...(md5Key !== undefined && { md5Key }),
      ...(peer.sourceAddress && { sourceAddress: formatAddress(peer.sourceAddress) }),
      ...(peer.vrf !== undefined && { device: peer.vrf }),
    });
    const socket = await Bun.connect({ fd, socket: { data() {} } } as unknown as Bun.TCPSocketConnectOptions);
    socket.terminate();
    return "accepts";
  } catch (error) {
    return error instanceof SystemError && error.code === "ECONNREFUSED" ? "refuses" : "silent";
  }
}
