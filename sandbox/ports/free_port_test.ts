import { expect, test } from "bun:test";
import { onFreePort } from "./free_port.ts";

const serve = (port: number) =>
  Bun.serve({ hostname: "127.0.0.1", port, development: false, fetch: () => new Response() });

test("onFreePort() takes the wanted port, and another one where somebody listens", async () => {
  const free = serve(0);
  const { port = 0 } = free;
  await free.stop(true);
  const first = await onFreePort(port, serve);
  expect(first.port).toBe(port);
  const second = await onFreePort(port, serve);
  expect(second.port).not.toBe(port);
  const any = await onFreePort(0, serve);
  expect(any.port).toBeGreaterThan(0);
  await Promise.all([first, second, any].map((server) => server.stop(true)));
});

test("onFreePort() passes on what goes wrong on any port", async () => {
  const fail = () => {
    throw new Error("no sockets left");
  };
  await expect(onFreePort(0, fail)).rejects.toThrow("no sockets left");
});
