import { dlopen, type Pointer, read } from "bun:ffi";
import { constants } from "node:os";

/**
 * The C library's calls that this program makes, typed, so that a missing argument is a type error: Bun passes 0 for
 * it, and `close()` would close standard input. `ssize_t` is taken as i32: no buffer here is that long.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  close(fd: number): number;
  bind(fd: number, address: Pointer, length: number): number;
  connect(fd: number, address: Pointer, length: number): number;
  listen(fd: number, backlog: number): number;
  getsockname(fd: number, address: Pointer, length: Pointer): number;
  getpeername(fd: number, address: Pointer, length: Pointer): number;
  setsockopt(fd: number, level: number, option: number, value: Pointer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Pointer, length: Pointer): number;
  recv(fd: number, buffer: Pointer, length: number, flags: number): number;
  recvmsg(fd: number, message: Pointer, flags: number): number;
  send(fd: number, buffer: Pointer, length: number, flags: number): number;
  sendto(
    fd: number,
    buffer: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: number,
  ): number;
  poll(entries: Pointer, count: number, timeoutMs: number): number;
  if_nametoindex(name: Pointer): number;
  eventfd(initial: number, flags: number): number;
  read(fd: number, buffer: Pointer, length: number): number;
  write(fd: number, buffer: Pointer, length: number): number;
  /** Of the last call of this thread that gave -1. */
  errno(): number;
}

let loaded: Libc | undefined;

/** The calls, bound on first use in each thread. One name serves glibc and musl. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  const { symbols } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
    recvmsg: { args: ["i32", "ptr", "i32"], returns: "i32" },
    send: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
    sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i32" },
    poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
    if_nametoindex: { args: ["ptr"], returns: "u32" },
    eventfd: { args: ["u32", "i32"], returns: "i32" },
    read: { args: ["i32", "ptr", "u64"], returns: "i32" },
    write: { args: ["i32", "ptr", "u64"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
  // The address is fixed for a thread, and so is this module's state.
  const errnoAddress = symbols.__errno_location();
  if (errnoAddress === null) throw new Error("Cannot locate errno: the C library gave no address");
  return { ...symbols, errno: () => read.i32(errnoAddress, 0) };
}

/** A system call that failed: `Cannot bind 192.0.2.1:179: bind: EACCES`. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** Such as ECONNREFUSED. */
  readonly code: string;

  constructor(
    what: string,
    readonly call: string,
    readonly errno: number,
  ) {
    const code = errnoName(errno);
    super(`Cannot ${what}: ${call}: ${code}`);
    this.code = code;
  }
}

/** The result of a call, or a {@link SystemError} where it is -1. */
export function check(result: number, what: string, call: string): number {
  if (result === -1) throw new SystemError(what, call, libc().errno());
  return result;
}

const errnoNames = new Map<number, string>(
  Object.entries(constants.errno).map(([name, value]) => [value, name] as const),
);

export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}

/** Linux on x86-64 and arm64; the C headers' own names. */
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EADDRINUSE = 98;
export const ENETDOWN = 100;
export const ENOBUFS = 105;
export const ETIMEDOUT = 110;
export const EINPROGRESS = 115;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
