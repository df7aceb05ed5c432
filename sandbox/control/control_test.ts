import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SandboxError } from "../error.ts";
import { askControl, type ControlRequest, serveControl } from "./control.ts";

let directory = "";
let socket = "";
let server: Server | undefined;
const seen: ControlRequest[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "control-"));
  socket = join(directory, "control.sock");
  server = await serveControl(socket, (request) => {
    seen.push(request);
    if (request.verb === "heal") throw new SandboxError('There is no "node9".');
    return request.verb === "kill" ? { pid: 7 } : undefined;
  });
});

afterAll(() => {
  server?.close();
  rmSync(directory, { recursive: true });
});

test("askControl() carries a request there and its answer back", async () => {
  expect(await askControl(socket, { verb: "kill", part: "speaker", node: "node2" })).toEqual({ pid: 7 });
  expect(seen.at(-1)).toEqual({ verb: "kill", part: "speaker", node: "node2" });
  expect(await askControl(socket, { verb: "cut", station: "node1", cut: "carrier" })).toBeNull();
});

test("askControl() rejects with the sandbox's own words", async () => {
  await expect(askControl(socket, { verb: "heal", station: "node9" })).rejects.toThrow(
    'There is no "node9".',
  );
  await expect(askControl(`${socket}-none`, { verb: "status" })).rejects.toThrow(
    /^Cannot reach the sandbox at/,
  );
});

test.each(["not json", '{"verb":"fly"}', '{"verb":"kill","part":"router"}'])(
  "serveControl() refuses %p and goes on",
  async (line) => {
    const answer = await new Promise<string>((resolve) => {
      const client = createConnection({ path: socket }, () => client.write(`${line}\n`));
      client.on("data", (chunk) => resolve(chunk.toString()));
    });
    expect(JSON.parse(answer).ok).toBe(false);
    expect(await askControl(socket, { verb: "stop" })).toBeNull();
  },
);
