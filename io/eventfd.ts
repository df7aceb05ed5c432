import { check, EAGAIN, libc } from "./libc.ts";
import { MemoryBlock } from "./memory.ts";

const EFD_NONBLOCK = 0o4000;
const EFD_CLOEXEC = 0o2000000;
const counterBytes = 8;

/** A bell between threads: one rings, the other, blocked in poll(2) over `fd`, wakes and silences it. */
export class EventFd {
  readonly fd: number;
  readonly #libc = libc();
  readonly #counter = new MemoryBlock(counterBytes).carve(counterBytes);

  /** Opens a new one, or takes a number that the thread which made it handed over. */
  constructor(fd?: number) {
    this.fd = fd ?? check(this.#libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "open an eventfd", "eventfd");
  }

  ring(): void {
    this.#counter.view.setBigUint64(0, 1n, true);
    const result = this.#libc.write(this.fd, this.#counter.pointer, counterBytes);
    // A full counter blocks: it is ringing already.
    if (result === -1 && this.#libc.errno() !== EAGAIN) check(result, "ring an eventfd", "write");
  }

  silence(): void {
    this.#libc.read(this.fd, this.#counter.pointer, counterBytes);
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}
