/**
 * Linux, touched: the C library by bun:ffi, raw and UDP and TCP sockets with the options that Bun has no door for,
 * netlink, clocks, and the log. Synchronous calls throw {@link SystemError}.
 *
 * ```ts
 * const { fd, localAddress } = await dialTcp({ address: "192.0.2.1", port: 179, ttl: 255, minTtl: 255, timeoutMs: 5_000 });
 * ```
 */
export { arpFilter } from "./arp_filter.ts";
export { bpfInstructionBytes } from "./bpf.ts";
export { type BpfAncillary, runBpf } from "./bpf_machine.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { Datagram } from "./datagram_message.ts";
export { type DatagramOptions, DatagramSocket } from "./datagram_socket.ts";
export { type EchoEndpoints, echoFilter } from "./echo_filter.ts";
export { EventFd } from "./eventfd.ts";
export { isForwarding } from "./forwarding.ts";
export { defaultGateways } from "./gateways.ts";
export { groupsOf, Ipv6Groups } from "./ipv6_groups.ts";
export { errnoName, SystemError } from "./libc.ts";
export {
  createLogger,
  isLogLevel,
  type LogFields,
  type Logger,
  type LogLevel,
  type LogOptions,
  logLevels,
} from "./log.ts";
export { MemoryBlock, type Region } from "./memory.ts";
export { ndpFilter } from "./ndp_filter.ts";
export { LinkMonitor } from "./netlink.ts";
export { PacketSocket } from "./packet_socket.ts";
export { PollSet } from "./poll.ts";
export { routerFilter } from "./router_filter.ts";
export type { Endpoint } from "./sockaddr.ts";
export { interfaceIndex } from "./socket.ts";
export { type DialedTcp, type DialOptions, dialTcp } from "./tcp.ts";
export { tcpUnacknowledged } from "./tcp_info.ts";
export { type ListenOptions, listenTcp, requireTtl, tcpEnds } from "./tcp_listen.ts";
export { setTcpMd5 } from "./tcp_md5.ts";
export { type UdpDestination, UdpSocket, udpDestination } from "./udp.ts";
