/**
 * Fetches a URL each 50 ms, each time by a connection of its own, until standard input ends; then prints
 * {@link Pinged}. The first answer starts the clock.
 */
import { connect } from "node:net";

export interface Pinged {
  readonly answered: number;
  readonly failed: number;
  /** The longest time between two answers, by when their requests began. */
  readonly longestGapMs: number;
}

const everyMs = 50;
const patienceMs = 1_000;

if (import.meta.main) await main(process.argv[2] ?? "");

async function main(host: string): Promise<void> {
  const answeredAt: number[] = [];
  let failed = 0;
  let isEnding = false;
  void (async () => {
    for await (const _ of Bun.stdin.stream());
    isEnding = true;
  })();
  const pending: Promise<void>[] = [];
  while (!isEnding) {
    const at = performance.now();
    pending.push(
      answers(host).then((isAnswered) => {
        if (isAnswered) answeredAt.push(at);
        else if (answeredAt.length > 0) failed++;
      }),
    );
    await Bun.sleep(everyMs);
  }
  await Promise.all(pending);
  answeredAt.sort((a, b) => a - b);
  const gaps = answeredAt.slice(1).map((at, index) => at - (answeredAt[index] ?? at));
  const pinged: Pinged = {
    answered: answeredAt.length,
    failed,
    longestGapMs: Math.round(Math.max(0, ...gaps)),
  };
  console.log(JSON.stringify(pinged));
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 80 });
    const end = (isAnswered: boolean) => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.setTimeout(patienceMs, () => end(false));
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    socket.on("connect", () => socket.write("GET / HTTP/1.1\r\nHost: ping\r\nConnection: close\r\n\r\n"));
    socket.on("data", (data) => end(data.toString().includes(" 200 ")));
  });
}
