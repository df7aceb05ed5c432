import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDialer } from "../../agent/dialer.ts";
import type { LogLine } from "../../api/mod.ts";
import { programArguments } from "./command.ts";
import { ContainerLogFile } from "./container_log.ts";
import { dialByAgent } from "./dial.ts";
import { LineSplitter } from "./log_format.ts";
import { PodLogs } from "./pod_logs.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mlbt-runtime-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const words = (lines: readonly LogLine[]) => lines.map(({ text }) => Buffer.from(text).toString());
const never = new AbortController().signal;

describe("ContainerLogFile", () => {
  test("keeps lines whole, with their stream and time, however they are written", () => {
    const log = new ContainerLogFile(join(directory, "whole.log"));
    log.append("stdout", Buffer.from("on"));
    log.append("stderr", Buffer.from("warning\n"));
    log.append("stdout", Buffer.from("e\ntwo\nthr"));
    log.end();
    const { lines } = log.read();
    expect(lines.map(({ stream, isPartial }) => [stream, isPartial])).toEqual([
      ["stderr", false],
      ["stdout", false],
      ["stdout", false],
      ["stdout", true],
    ]);
    expect(words(lines)).toEqual(["warning", "one", "two", "thr"]);
    expect(lines[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  });

  test("a follower gets each line once, from where the reading ended, over full files, to the end", async () => {
    const log = new ContainerLogFile(join(directory, "followed.log"), 2_000);
    log.append("stdout", Buffer.from("before\n"));
    const { lines, follow } = log.read();
    const following = Array.fromAsync(follow(never));
    const written: string[] = [];
    for (let number = 0; number < 200; number++) {
      written.push(`line ${number}`);
      log.append("stdout", Buffer.from(`line ${number}\n`));
      // A reader that keeps up: it is never two files behind.
      if (number % 10 === 9) await new Promise(setImmediate);
    }
    log.end();
    expect(words(lines)).toEqual(["before"]);
    expect(words(await following)).toEqual(written);
    expect(log.read().lines.length).toBeLessThan(201);
  });

  test("a follower that is not wanted any more ends", async () => {
    const log = new ContainerLogFile(join(directory, "left.log"));
    const ended = new AbortController();
    const following = Array.fromAsync(log.read().follow(ended.signal));
    ended.abort();
    expect(await following).toEqual([]);
    log.end();
  });
});

test("LineSplitter cuts a line that is too long, and the pieces are marked", () => {
  const splitter = new LineSplitter();
  const lines = splitter.split(Buffer.from(`${"x".repeat(20_000)}\nshort\n`));
  expect(lines.map(({ text, isPartial }) => [text.length, isPartial])).toEqual([
    [16_384, true],
    [3_616, false],
    [5, false],
  ]);
  expect(splitter.end()).toEqual([]);
});

test("PodLogs keeps the run of now and the one before, and nothing of a pod that is gone", () => {
  const logs = new PodLogs(join(directory, "pods"), "metallb-system");
  const pod = { uid: "u", name: "speaker-x", component: "speaker" };
  for (const run of [0, 1, 2]) logs.open(pod, run).append("stdout", Buffer.from(`run ${run}\n`));
  expect(words(logs.find("u", false)?.read().lines ?? [])).toEqual(["run 2"]);
  expect(words(logs.find("u", true)?.read().lines ?? [])).toEqual(["run 1"]);
  expect(readdirSync(join(directory, "pods", "metallb-system_speaker-x_u", "speaker")).sort()).toEqual([
    "1.log",
    "2.log",
  ]);
  logs.remove(pod);
  expect(logs.find("u", false)).toBeUndefined();
  expect(readdirSync(join(directory, "pods"))).toEqual([]);
});

describe("programArguments()", () => {
  test.each([
    [
      ["wget", "-qO-", "localhost"],
      ["wget", "-qO-", "localhost"],
    ],
    [
      ["/bin/ip", "addr"],
      ["ip", "addr"],
    ],
    [
      ["metallb", "ip", "addr"],
      ["ip", "addr"],
    ],
    [["/usr/bin/metallb", "--version"], ["--version"]],
    [["metallb"], ["--help"]],
  ])("%j runs our program with %j", (command, expected) => {
    expect(programArguments(command)).toEqual(expected);
  });

  test.each([
    [["sh", "-c", "id"], 'exec: "sh": executable file not found in $PATH'],
    [["/bin/sh"], 'exec: "/bin/sh": stat /bin/sh: no such file or directory'],
    [["/usr/sbin/ip", "addr"], "no such file or directory"],
    [["../ip"], "no such file or directory"],
    [
      ["metallb", "sandbox", "exec", "client", "--", "sh"],
      'the sandbox runs "metallb sandbox" outside of containers only',
    ],
    [["metallb", "check", "/etc/passwd"], "outside of containers only"],
    [[""], 'exec: ""'],
  ])("%j is not run", (command, why) => {
    expect(() => programArguments(command)).toThrow(why);
  });
});

test("a connection by the agent carries both ways and each side's end; a closed port is refused", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // Speaks first, as SSH and mail servers do.
    socket.write("hello ");
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("end", () => socket.end(" bye"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const unixSocket = join(directory, "dial.sock");
  const ended = new AbortController();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  await startDialer({ unixSocket, log, signal: ended.signal });
  const connection = await dialByAgent(unixSocket, "127.0.0.1", port);
  const payload = "x".repeat(3_000_000);
  await connection.write(Buffer.from(payload));
  connection.end();
  const got = Buffer.concat(await Array.fromAsync(connection.incoming)).toString();
  expect(got.length).toBe(payload.length + "hello  bye".length);
  expect([got.startsWith("hello x"), got.endsWith("x bye")]).toEqual([true, true]);
  await new Promise((resolve) => server.close(resolve));
  await expect(dialByAgent(unixSocket, "127.0.0.1", port)).rejects.toThrow("connection refused");
  await expect(dialByAgent(join(directory, "nobody.sock"), "127.0.0.1", port)).rejects.toThrow(
    "the node's agent",
  );
  ended.abort();
});
