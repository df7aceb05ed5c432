import { expect, test } from "bun:test";
import { Datagrams } from "./datagrams.ts";

const local = { address: "127.0.0.1", port: 0 };

/** A port where nobody listens: that of a socket that is closed again. */
async function deadPort(): Promise<number> {
  const gone = await Datagrams.open(local, () => {});
  const { port } = gone;
  gone.close();
  return port;
}

/** Long enough for the kernel to bring the ICMP error back, and not a turn of the event loop. */
function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test("a peer that is gone costs no datagram to a peer that lives (ECONNREFUSED on Bun)", async () => {
  const dead = { address: "127.0.0.1", port: await deadPort() };
  let received = 0;
  const all = Promise.withResolvers<void>();
  const receiver = await Datagrams.open(local, () => {
    if (++received === 50) all.resolve();
  });
  const sender = await Datagrams.open(local, () => {});
  const living = { address: "127.0.0.1", port: receiver.port };
  for (let round = 0; round < 50; round++) {
    expect(sender.send(Uint8Array.of(1), dead)).toBeUndefined();
    spin(0.3);
    expect(sender.send(Uint8Array.of(2), living)).toBeUndefined();
  }
  await all.promise;
  expect(received).toBe(50);
  sender.close();
  receiver.close();
});

test("send() says why a datagram cannot go out, and throws nothing", async () => {
  const sender = await Datagrams.open(local, () => {});
  expect(sender.send(new Uint8Array(70_000), { address: "127.0.0.1", port: 9 })).toBe("EMSGSIZE");
  expect(sender.send(Uint8Array.of(1), { address: "::1", port: 9 })).toBe("EAFNOSUPPORT");
  sender.close();
  expect(sender.send(Uint8Array.of(1), { address: "127.0.0.1", port: 9 })).toBe("closed");
});
