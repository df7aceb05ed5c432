import { EINTR, libc, SystemError } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";

const POLLIN = 0x1;
/** POLLERR, POLLHUP, POLLNVAL: always reported; a read then says what it is. */
const troubleEvents = 0x8 | 0x10 | 0x20;
const entryBytes = 8;

/** `poll(2)` over a set of descriptors that changes seldom, waiting for input. */
export class PollSet {
  readonly #libc = libc();
  #entries: Region = new MemoryBlock(0).carve(0);
  #count = 0;

  /** Replaces the set. An index in `isReady()` is an index in this list. */
  watch(fds: readonly number[]): void {
    this.#entries = new MemoryBlock(fds.length * entryBytes).carve(fds.length * entryBytes);
    this.#count = fds.length;
    for (const [index, fd] of fds.entries()) {
      this.#entries.view.setInt32(index * entryBytes, fd, true);
      this.#entries.view.setInt16(index * entryBytes + 4, POLLIN, true);
    }
  }

  /** Blocks the thread until something is readable or the time is over. Infinity waits for ever. */
  wait(timeoutMs: number): void {
    // Rounded up: waking a fraction of a millisecond early would only mean another turn.
    const timeout = timeoutMs === Infinity ? -1 : Math.min(Math.max(Math.ceil(timeoutMs), 0), 0x7fffffff);
    const result = this.#libc.poll(this.#entries.pointer, this.#count, timeout);
    if (result !== -1) return;
    const errno = this.#libc.errno();
    if (errno !== EINTR) throw new SystemError("wait for input", "poll", errno);
    for (let index = 0; index < this.#count; index++)
      this.#entries.view.setInt16(index * entryBytes + 6, 0, true);
  }

  isReady(index: number): boolean {
    return (this.#entries.view.getInt16(index * entryBytes + 6, true) & (POLLIN | troubleEvents)) !== 0;
  }
}
