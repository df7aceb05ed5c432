import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRelay } from "./relay.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.reverse()) end();
  ended = [];
});

/** A relay in front of a server on a Unix socket, and connections through it. */
async function setUp(serve: ((socket: Socket) => void) | undefined) {
  const directory = mkdtempSync(join(tmpdir(), "mlbt-relay-"));
  const unixSocket = join(directory, "api.sock");
  const abort = new AbortController();
  if (serve) {
    const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(unixSocket, resolve));
    ended.push(() => server.close());
  }
  ended.push(() => rmSync(directory, { recursive: true, force: true }));
  const relay = await startRelay({ listen: "127.0.0.1:0", unixSocket, log: silent, signal: abort.signal });
  ended.push(() => abort.abort());
  const dial = () => connect({ port: relay.port, host: "127.0.0.1", allowHalfOpen: true });
  return { relay, dial };
}

/** Everything received until the other side ends or the connection breaks. */
function received(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (part) => {
      text += part;
    });
    socket.on("end", () => resolve(text));
    socket.on("error", (error) => resolve(`error: ${error.message}`));
    socket.on("close", () => resolve(text));
  });
}

describe("startRelay()", () => {
  test("carries one direction on after the other has ended", async () => {
    const { dial } = await setUp((socket) => {
      let count = 0;
      socket.on("data", (part) => {
        count += part.length;
      });
      socket.on("end", () => socket.end(`got ${count}`));
    });
    const socket = dial();
    const answer = received(socket);
    socket.end(Buffer.alloc(5_000_000, "x"));
    expect(await answer).toBe("got 5000000");
  });

  test("holds the sender back while the reader does not read", async () => {
    const block = Buffer.alloc(65_536);
    const total = 64_000_000;
    let sent = 0;
    const stalled = Promise.withResolvers<void>();
    const { dial } = await setUp((socket) => {
      const send = () => {
        while (sent < total) {
          sent += block.length;
          if (!socket.write(block)) {
            socket.once("drain", send);
            stalled.resolve();
            return;
          }
        }
        socket.end();
      };
      send();
    });
    const socket = dial();
    socket.pause();
    await stalled.promise;
    // Turns of the loop, not time: the sender goes on only as far as the buffers on the way reach.
    for (let turn = 0; turn < 2000; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(total / 2);
    let count = 0;
    socket.on("data", (part) => {
      count += part.length;
    });
    socket.resume();
    await new Promise<void>((resolve) => socket.on("end", resolve));
    expect(count).toBe(sent);
    socket.end();
  });

  test("ends both sides when the reader goes away in the middle of a stream", async () => {
    const gone = Promise.withResolvers<void>();
    const { dial, relay } = await setUp((socket) => {
      socket.on("close", () => gone.resolve());
      const send = () => {
        while (socket.write(Buffer.alloc(65_536)));
        socket.once("drain", send);
      };
      send();
    });
    const socket = dial();
    await new Promise<void>((resolve) => socket.once("data", () => resolve()));
    expect(relay.connections).toBe(1);
    socket.destroy();
    await gone.promise;
    while (relay.connections > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  });

  test("closes a connection when the API's socket is not there, and serves the next", async () => {
    const { dial, relay } = await setUp(undefined);
    expect(await received(dial())).toBe("");
    expect(await received(dial())).toBe("");
    expect(relay.connections).toBe(0);
  });

  test("carries 100 connections at once", async () => {
    const { dial } = await setUp((socket) => void socket.pipe(socket));
    const words = Array.from({ length: 100 }, (_, index) => `hello ${index}`);
    const answers = await Promise.all(
      words.map((word) => {
        const socket = dial();
        const answer = received(socket);
        socket.end(word);
        return answer;
      }),
    );
    expect(answers).toEqual(words);
  });

  test("names the address it cannot listen on", async () => {
    const { relay } = await setUp(undefined);
    const { signal } = new AbortController();
    const second = startRelay({
      listen: `127.0.0.1:${relay.port}`,
      unixSocket: "/none",
      log: silent,
      signal,
    });
    await expect(second).rejects.toThrow(`Cannot listen on 127.0.0.1:${relay.port} for the relay to the API`);
  });
});
