import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { remoteAddress, serve } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "metallb-serve-"));
const socket = join(folder, "console.sock");
const app = new Hono().get("/from", (c) => c.text(remoteAddress(c)));

/** Stands for what a crashed run leaves behind. */
const stale = createServer();

beforeAll(() => new Promise<void>((resolve) => stale.listen(socket, resolve)));

afterAll(() => {
  stale.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("serve()", () => {
  test("answers on TCP and on a Unix socket, and knows where a request came from", async () => {
    const served = await serve(app, { hostname: "127.0.0.1", port: 0, unixSocket: socket });
    expect(served.port).toBeGreaterThan(0);
    expect(await (await fetch(`http://127.0.0.1:${served.port}/from`)).text()).toBe("127.0.0.1");
    expect(await (await fetch("http://console/from", { unix: socket })).text()).toBe("local");
    await served.stop();
    expect(await fetch(`http://127.0.0.1:${served.port}/from`).catch(() => "closed")).toBe("closed");
  });

  test("refuses a body larger than any form of the console", async () => {
    const served = await serve(app, { hostname: "127.0.0.1", port: 0 });
    const answer = await fetch(`http://127.0.0.1:${served.port}/from`, {
      method: "POST",
      body: "x".repeat(100_000),
    });
    expect(answer.status).toBe(413);
    await served.stop();
  });
});
