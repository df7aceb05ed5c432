import { expect, test } from "bun:test";
import { EventFd, MemoryBlock, PollSet } from "./mod.ts";

test("PollSet says which descriptor is ready, and an EventFd rings until it is silenced", () => {
  const [first, second] = [new EventFd(), new EventFd()];
  const poll = new PollSet();
  poll.watch([first.fd, second.fd]);
  const ready = () => {
    poll.wait(0);
    return [poll.isReady(0), poll.isReady(1)];
  };
  expect(ready()).toEqual([false, false]);
  second.ring();
  second.ring();
  expect(ready()).toEqual([false, true]);
  expect(ready()).toEqual([false, true]);
  second.silence();
  expect(ready()).toEqual([false, false]);
  second.silence();
  poll.watch([second.fd]);
  second.ring();
  poll.wait(Infinity);
  expect(poll.isReady(0)).toBeTrue();
  first.close();
  second.close();
});

test("PollSet calls a descriptor ready that is no more, so that a read tells what it is", () => {
  const poll = new PollSet();
  const gone = new EventFd();
  poll.watch([gone.fd]);
  gone.close();
  poll.wait(0);
  expect(poll.isReady(0)).toBeTrue();
});

test("MemoryBlock carves aligned regions that do not overlap, and no more than it has", () => {
  const block = new MemoryBlock(2_000);
  const [first, second] = [block.carve(3), block.carve(5)];
  expect(Number(second.pointer) - Number(first.pointer)).toBe(8);
  first.bytes.fill(1);
  expect(second.bytes).toEqual(new Uint8Array(5));
  expect(second.view.byteLength).toBe(5);
  expect(() => block.carve(2_000)).toThrow("Cannot carve 2000 bytes: 1984 are free");
});
