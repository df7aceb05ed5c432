import { expect, test } from "bun:test";
import { EventFd } from "#io/mod.ts";
import { Loop, type Source, type Timed } from "./loop.ts";

/** Goes on by one millisecond with each look. */
function tickingClock() {
  let now = 0;
  return { monotonicMs: () => now++, wallMs: () => 0 };
}

function rung(serve: (now: number) => void): Source & { bell: EventFd } {
  const bell = new EventFd();
  bell.ring();
  return { bell, fd: bell.fd, serve };
}

test("Loop reads what waits before it does what is due, and ends when it is told", () => {
  const done: string[] = [];
  const timed: Timed = {
    nextDeadline: () => 0,
    expire: () => {
      done.push("expire");
      loop.stop();
    },
  };
  const loop = new Loop(tickingClock(), [timed]);
  const source = rung(() => {
    done.push("serve");
    source.bell.silence();
  });
  loop.watch([source]);
  loop.run();
  expect(done).toEqual(["serve", "expire"]);
  source.bell.close();
});

test("Loop does not serve a source that another one closed in the same turn", () => {
  const served: string[] = [];
  const loop = new Loop(tickingClock(), []);
  const second = rung(() => void served.push("second"));
  const first = rung(() => {
    served.push("first");
    second.bell.close();
    first.bell.silence();
    loop.watch([last]);
  });
  const last = rung(() => {
    served.push("last");
    loop.stop();
  });
  loop.watch([first, second]);
  loop.run();
  expect(served).toEqual(["first", "last"]);
  first.bell.close();
  last.bell.close();
});

test("Loop serves nobody after it was told to stop", () => {
  const served: string[] = [];
  const loop = new Loop(tickingClock(), []);
  const first = rung(() => {
    served.push("first");
    loop.stop();
  });
  const second = rung(() => void served.push("second"));
  loop.watch([first, second]);
  loop.run();
  expect(served).toEqual(["first"]);
  first.bell.close();
  second.bell.close();
});
