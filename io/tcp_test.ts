import { afterEach, expect, test } from "bun:test";
import { parseAddress } from "#core/net/mod.ts";
import { dialTcp, setTcpMd5 } from "./mod.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** An echo server on loopback. */
function listen(hostname = "127.0.0.1") {
  const sources: string[] = [];
  const listener = Bun.listen({
    hostname,
    port: 0,
    socket: {
      open: (socket) => void sources.push(socket.remoteAddress),
      data: (socket, data) => void socket.write(data),
    },
  });
  cleanups.push(() => listener.stop(true));
  return { listener, sources };
}

/** Adopts the descriptor, as its user does, and gives what the echo server answers. */
async function echo(fd: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = {
    data: (_: unknown, data: Uint8Array) => resolve(new TextDecoder().decode(data)),
    close: () => reject(new Error("closed")),
  };
  // The declared overloads of connect() know no `fd`, which its implementation takes.
  const adopted = await Bun.connect({ fd, socket } as unknown as Bun.TCPSocketConnectOptions<undefined>);
  adopted.write(text);
  const answer = await promise;
  adopted.end();
  return answer;
}

test("dialTcp() connects from the source address, and Bun adopts the descriptor", async () => {
  const { listener, sources } = listen();
  const dialed = await dialTcp({
    address: "127.0.0.1",
    port: listener.port,
    sourceAddress: "127.0.0.9",
    ttl: 255,
    minTtl: 1,
    timeoutMs: 2_000,
  });
  expect(dialed.localAddress).toBe("127.0.0.9");
  expect(await echo(dialed.fd, "hello")).toBe("hello");
  expect(sources).toEqual(["127.0.0.9"]);
});

test("dialTcp() connects over IPv6", async () => {
  const { listener } = listen("::1");
  const dialed = await dialTcp({
    address: "::1",
    port: listener.port,
    ttl: 255,
    minTtl: 64,
    timeoutMs: 2_000,
  });
  expect(dialed.localAddress).toBe("::1");
  expect(await echo(dialed.fd, "six")).toBe("six");
});

test.each(["127.0.0.1", "::1"])(
  "dialTcp() with minTtl 255 does not hear %s, which sends with TTL 64",
  async (address) => {
    const { listener } = listen(address);
    await expect(dialTcp({ address, port: listener.port, minTtl: 255, timeoutMs: 50 })).rejects.toMatchObject(
      { code: "ETIMEDOUT" },
    );
  },
);

test("dialTcp() says that the peer refused", async () => {
  const { listener } = listen();
  const { port } = listener;
  listener.stop(true);
  await expect(dialTcp({ address: "127.0.0.1", port, timeoutMs: 2_000 })).rejects.toMatchObject({
    code: "ECONNREFUSED",
    message: `Cannot connect to 127.0.0.1:${port}: connect: ECONNREFUSED`,
  });
});

test("a listener with an MD5 key takes a peer with the same key and lets another time out", async () => {
  const { listener } = listen();
  const loopback = parseAddress("127.0.0.1");
  // The descriptor is there at run time and not in the types.
  setTcpMd5((listener as unknown as { fd: number }).fd, loopback as NonNullable<typeof loopback>, "secret");
  const dial = (md5Key: string) =>
    dialTcp({ address: "127.0.0.1", port: listener.port, md5Key, timeoutMs: 100 });
  expect(await echo((await dial("secret")).fd, "signed")).toBe("signed");
  await expect(dial("other")).rejects.toMatchObject({ code: "ETIMEDOUT" });
});

test("dialTcp() gives up with the signal's reason", async () => {
  const reason = new Error("configuration changed");
  await expect(
    dialTcp({ address: "127.0.0.1", port: 9, timeoutMs: 1_000, signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

test.each([
  ["a name", { address: "router.example" }, 'Cannot dial "router.example": it is not an IP address'],
  [
    "a source of the other family",
    { address: "127.0.0.1", sourceAddress: "::1" },
    'Cannot dial 127.0.0.1 from "::1": it is not an IPv4 address',
  ],
  ["an unknown device", { address: "127.0.0.1", device: "no-such-if" }, "bind to device"],
  ["an unknown zone", { address: "fe80::1%no-such-if" }, 'Cannot find interface "no-such-if"'],
])("dialTcp() refuses %s", async (_, options, message) => {
  await expect(dialTcp({ port: 9, timeoutMs: 1_000, ...options })).rejects.toThrow(message);
});
