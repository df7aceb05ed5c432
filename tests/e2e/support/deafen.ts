import { dlopen, FFIType, ptr } from "bun:ffi";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: { args: [FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i64 },
  setsockopt: {
    args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32],
    returns: FFIType.i32,
  },
  close: { args: [FFIType.i32], returns: FFIType.i32 },
});

// The same on x86-64 and arm64 (pidfd_open(2), pidfd_getfd(2)).
const pidfdOpen = 434;
const pidfdGetfd = 438;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** BPF_RET | BPF_K with 0: no packet passes. */
const dropEverything = new Uint8Array([0x06, 0, 0, 0, 0, 0, 0, 0]);

/** The inodes of a process's packet sockets for ARP. */
export function arpSockets(pid: number): string[] {
  const rows = readFileSync(`/proc/${pid}/net/packet`, "utf8").split("\n").slice(1);
  const arp = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , protocol]) => protocol === "0806")
    .flatMap((columns) => columns.at(-1) ?? []);
  const held = new Set(descriptors(pid).map(({ inode }) => inode));
  return arp.filter((inode) => held.has(inode)).sort();
}

/** Takes the hearing of a process's ARP sockets away, behind its back: they stay open and nothing arrives. */
export function deafen(pid: number): void {
  const inodes = new Set(arpSockets(pid));
  const process = Number(libc.syscall(pidfdOpen, pid, 0, 0));
  for (const { fd, inode } of descriptors(pid)) {
    if (!inodes.has(inode)) continue;
    const copy = Number(libc.syscall(pidfdGetfd, process, fd, 0));
    if (copy < 0) throw new Error(`pidfd_getfd gives no socket of process ${pid}`);
    // sock_fprog: length u16, 6 bytes of padding, pointer u64.
    const program = new DataView(new ArrayBuffer(16));
    program.setUint16(0, 1, true);
    program.setBigUint64(8, BigInt(ptr(dropEverything)), true);
    const result = libc.setsockopt(copy, SOL_SOCKET, SO_ATTACH_FILTER, ptr(program.buffer), 16);
    libc.close(copy);
    if (result !== 0) throw new Error(`the filter of socket ${inode} cannot be replaced`);
  }
  libc.close(process);
}

function descriptors(pid: number): { fd: number; inode: string }[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [{ fd: Number(fd), inode }];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
