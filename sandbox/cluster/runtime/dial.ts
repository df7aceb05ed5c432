import { createConnection, type Socket } from "node:net";
import { type PodConnection, RuntimeError } from "../../api/mod.ts";

const connectLimitMs = 10_000;

/** Connects by a station's agent, within its network namespace. */
export async function dialByAgent(dialSocket: string, address: string, port: number): Promise<PodConnection> {
  const socket = await connected(
    createConnection({ path: dialSocket, allowHalfOpen: true }),
    "the node's agent",
  );
  socket.write(`${address} ${port}\n`);
  const answer = await firstLine(socket);
  if (answer === "ok") return connectionOf(socket);
  socket.destroy();
  throw new RuntimeError(answer);
}

/** Connects on this machine, where there are no namespaces. */
export async function dialHere(address: string, port: number): Promise<PodConnection> {
  const options = { host: address, port, allowHalfOpen: true, noDelay: true };
  return connectionOf(await connected(createConnection(options), `${address}:${port}`));
}

function connected(socket: Socket, what: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(new RuntimeError(`cannot connect to ${what}: ${error.message}`));
    socket.setTimeout(connectLimitMs, () => socket.destroy(new Error("timed out")));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

/** Nothing is sent behind it before we speak, except by a server that speaks first: that goes back into the socket. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const done = (error?: Error) => {
      socket.off("data", read);
      socket.off("close", closed);
      socket.pause();
      const end = bytes.indexOf("\n");
      if (error) return reject(error);
      if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
      resolve(bytes.toString("utf8", 0, end));
    };
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes("\n")) done();
    };
    const closed = () => done(new RuntimeError("the node's agent has closed the connection"));
    socket.on("error", closed);
    socket.on("data", read);
    socket.on("close", closed);
  });
}

function connectionOf(socket: Socket): PodConnection {
  // Who reads learns of a failure; without a listener it would end the process.
  socket.on("error", () => {});
  return {
    incoming: socket,
    write(bytes) {
      if (socket.destroyed || socket.write(bytes)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once("drain", resolve);
      socket.once("close", resolve);
      return promise.finally(() => {
        socket.off("drain", resolve);
        socket.off("close", resolve);
      });
    },
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}
