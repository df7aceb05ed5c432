import { afterEach, expect, jest, test } from "bun:test";
import { parseAddress } from "#core/net/mod.ts";
import { type ConnectionEvents, TcpConnection } from "./connection.ts";
import { dialPeer } from "./dial.ts";
import type { PeerTarget } from "./types.ts";

const loopback = parseAddress("127.0.0.1") ?? expect.unreachable();
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A peer on loopback that does with its sockets what the test says. */
function listen(socket: Partial<Bun.SocketHandler<undefined>>): PeerTarget {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: { data() {}, ...socket } as Bun.SocketHandler<undefined>,
  });
  cleanups.push(() => listener.stop(true));
  return { name: "peer", address: loopback, port: listener.port, myASN: 1, peerASN: 2 };
}

const nothing: ConnectionEvents = { data() {}, drained() {}, lost() {} };

async function dial(peer: PeerTarget) {
  return (await dialPeer(peer, new AbortController().signal)).connection;
}

test("TcpConnection delivers every byte in order to a peer that stops reading for a while", async () => {
  const total = 16 * 1024 * 1024;
  // Byte n of the stream is n modulo 251.
  const stream = Uint8Array.from({ length: 251 * 1024 }, (_, index) => index % 251);
  const drained = Promise.withResolvers<void>();
  const complete = Promise.withResolvers<void>();
  let received = 0;
  let inOrder = true;
  const paused = Promise.withResolvers<Bun.Socket<undefined>>();
  const peer = listen({
    open(socket) {
      socket.pause();
      paused.resolve(socket);
    },
    data(_, chunk) {
      const from = received % 251;
      for (let at = 0; at < chunk.length; at += stream.length - 251) {
        const part = chunk.subarray(at, at + stream.length - 251);
        const expected = stream.subarray((from + at) % 251).subarray(0, part.length);
        inOrder &&= Buffer.compare(part, expected) === 0;
      }
      received += chunk.length;
      if (received === total) complete.resolve();
    },
  });
  const connection = await dial(peer);
  connection.start({ ...nothing, drained: drained.resolve });
  for (let written = 0; written < total; written += stream.length) {
    connection.write(stream.subarray(0, Math.min(stream.length, total - written)));
  }
  expect(connection.isBlocked).toBe(true);
  (await paused.promise).resume();
  await Promise.all([drained.promise, complete.promise]);
  expect([received, inOrder, connection.isBlocked]).toEqual([total, true, false]);
  await connection.close();
});

test("close() sends what waits and its last words, though the peer goes on talking", async () => {
  const heard: string[] = [];
  const peer = listen({
    open(socket) {
      socket.write("first words");
    },
    data(socket, chunk) {
      heard.push(new TextDecoder().decode(chunk));
      // Data that the other side will not read: a close at once would reset the connection.
      socket.write("unread");
    },
    end(socket) {
      heard.push("end");
      socket.end();
    },
    error: (_, error) => void heard.push(String(error)),
  });
  const connection = await dial(peer);
  const first = Promise.withResolvers<void>();
  let lost = false;
  connection.start({ ...nothing, data: () => first.resolve(), lost: () => (lost = true) });
  await first.promise;
  connection.write(new TextEncoder().encode("goodbye"));
  await connection.close();
  expect(heard).toEqual(["goodbye", "end"]);
  expect(lost).toBe(false);
});

test("close() does not wait for ever for a peer that never closes", async () => {
  const connection = await dial(listen({ end() {} }));
  connection.start(nothing);
  jest.useFakeTimers();
  const closed = connection.close();
  jest.advanceTimersByTime(1_000);
  jest.useRealTimers();
  await closed;
});

test("a peer that hangs up is lost, in words, also before start()", async () => {
  const connection = await dial(listen({ open: (socket) => void socket.end() }));
  const early = Promise.withResolvers<string>();
  // The hang-up may come before anybody listens.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  connection.start({ ...nothing, lost: early.resolve });
  expect(await early.promise).toBe("TCP connection closed by the peer");
  await connection.close();
});

test("dialPeer() says what is likely wrong", async () => {
  const { port } = listen({});
  const signal = new AbortController().signal;
  const peer: PeerTarget = { name: "p", address: loopback, port, myASN: 1, peerASN: 2 };
  const elsewhere = parseAddress("192.0.2.77") ?? expect.unreachable();
  const fallen = await dialPeer({ ...peer, sourceAddress: elsewhere }, signal);
  expect(fallen.warning).toBe("sourceAddress 192.0.2.77 is not an address of this node: the kernel chooses");
  expect(fallen.local.address).toEqual(loopback);
  await fallen.connection.close();
  for (const cleanup of cleanups.splice(0)) cleanup();
  await expect(dialPeer(peer, signal)).rejects.toThrow(
    `TCP connection to 127.0.0.1:${port}: ECONNREFUSED (nobody listens there, or a filter rejects us)`,
  );
  await expect(dialPeer({ ...peer, sourceAddress: elsewhere }, signal)).rejects.toThrow(
    `TCP connection to 127.0.0.1:${port}: ECONNREFUSED (nobody listens there, or a filter rejects us); sourceAddress 192.0.2.77 is not an address of this node: the kernel chooses`,
  );
});

test("TcpConnection is what dialPeer() gives", async () => {
  expect(await dial(listen({}))).toBeInstanceOf(TcpConnection);
});

test("dialPeer() binds to the VRF's device before it dials, and says so where there is none", async () => {
  const peer: PeerTarget = {
    name: "p",
    address: loopback,
    port: 1,
    myASN: 1,
    peerASN: 2,
    vrf: "mlbt-no-vrf",
  };
  await expect(dialPeer(peer, new AbortController().signal)).rejects.toThrow(
    "TCP connection to 127.0.0.1:1: ENODEV",
  );
});
