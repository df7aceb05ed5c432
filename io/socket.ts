import { check, EINTR, libc, SOCK_CLOEXEC, SOCK_NONBLOCK, SystemError } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { type Endpoint, formatEndpoint, readSockaddr, sockaddrBytesMax, writeSockaddr } from "./sockaddr.ts";

/** One thread makes one call at a time, so that one scratch serves all of them. */
const block = new MemoryBlock(4_096);
const value = block.carve(256);
const length = block.carve(4);
const address = block.carve(sockaddrBytesMax);

/** A non-blocking socket that child processes do not inherit. */
export function openSocket(family: number, type: number, protocol: number, what: string): number {
  return check(libc().socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), what, "socket");
}

export function setIntOption(fd: number, level: number, option: number, number: number, what: string): void {
  value.view.setInt32(0, number, true);
  check(libc().setsockopt(fd, level, option, value.pointer, 4), what, "setsockopt");
}

export function setBytesOption(
  fd: number,
  level: number,
  option: number,
  bytes: Uint8Array,
  what: string,
): void {
  value.bytes.set(bytes);
  const result = libc().setsockopt(fd, level, option, value.pointer, bytes.length);
  value.bytes.fill(0);
  check(result, what, "setsockopt");
}

/** For an option whose value holds pointers: the caller keeps what they point to alive. */
export function setPointerOption(
  fd: number,
  level: number,
  option: number,
  region: Region,
  what: string,
): void {
  check(libc().setsockopt(fd, level, option, region.pointer, region.bytes.length), what, "setsockopt");
}

export function getIntOption(fd: number, level: number, option: number, what: string): number {
  length.view.setUint32(0, 4, true);
  check(libc().getsockopt(fd, level, option, value.pointer, length.pointer), what, "getsockopt");
  return value.view.getInt32(0, true);
}

export function bindSocket(fd: number, endpoint: Endpoint): void {
  const bytes = writeSockaddr(address.bytes, endpoint);
  check(libc().bind(fd, address.pointer, bytes), `bind ${formatEndpoint(endpoint)}`, "bind");
}

/** Gives the errno, 0 for success: which of them is a failure depends on the socket. */
export function connectSocket(fd: number, endpoint: Endpoint): number {
  const bytes = writeSockaddr(address.bytes, endpoint);
  return libc().connect(fd, address.pointer, bytes) === -1 ? libc().errno() : 0;
}

export function localEndpoint(fd: number): Endpoint | undefined {
  length.view.setUint32(0, sockaddrBytesMax, true);
  check(
    libc().getsockname(fd, address.pointer, length.pointer),
    "read a socket's own address",
    "getsockname",
  );
  return readSockaddr(address.bytes);
}

const POLLIN = 0x1;
const POLLOUT = 0x4;

/** Whether a non-blocking connect came to an end, good or bad. */
export function isWritable(fd: number): boolean {
  return awaitEvents(fd, POLLOUT, 0);
}

/** Blocks the thread until there is something to read, or the time is over. */
export function isReadable(fd: number, timeoutMs: number): boolean {
  return awaitEvents(fd, POLLIN, timeoutMs);
}

function awaitEvents(fd: number, events: number, timeoutMs: number): boolean {
  value.view.setInt32(0, fd, true);
  value.view.setInt32(4, events, true);
  for (;;) {
    const result = libc().poll(value.pointer, 1, timeoutMs);
    if (result === -1 && libc().errno() === EINTR) continue;
    return check(result, "look at a socket", "poll") > 0;
  }
}

/** In the network namespace of the calling process. */
export function interfaceIndex(name: string): number {
  const bytes = value.bytes.length - 1;
  const { written } = new TextEncoder().encodeInto(name, value.bytes.subarray(0, bytes));
  value.bytes[written] = 0;
  const index = libc().if_nametoindex(value.pointer);
  if (index === 0) throw new SystemError(`find interface "${name}"`, "if_nametoindex", libc().errno());
  return index;
}
