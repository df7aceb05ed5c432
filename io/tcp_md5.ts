import type { IpAddress } from "#core/net/mod.ts";
import { writeSockaddr } from "./sockaddr.ts";
import { setBytesOption } from "./socket.ts";

const IPPROTO_TCP = 6;
const TCP_MD5SIG = 14;
const keyBytesMax = 80;

/**
 * Signs and checks every segment to and from the peer (RFC 2385); on a listener it may be set for each peer. Needs no
 * privilege. An empty key removes the peer's.
 *
 * struct tcp_md5sig (216): sockaddr_storage 128 | flags u8 | prefix length u8 | key length u16 | ifindex i32 | key 80
 */
export function setTcpMd5(fd: number, peer: IpAddress, key: string): void {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length > keyBytesMax)
    throw new RangeError(
      `Cannot use an MD5 key of ${bytes.length} bytes: at most ${keyBytesMax} are allowed`,
    );
  const signature = new Uint8Array(216);
  writeSockaddr(signature, { address: peer, port: 0 });
  new DataView(signature.buffer).setUint16(130, bytes.length, true);
  signature.set(bytes, 136);
  setBytesOption(fd, IPPROTO_TCP, TCP_MD5SIG, signature, "set the TCP MD5 key");
}
