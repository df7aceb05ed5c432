import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";
import { Ledger } from "./ledger.ts";
import { markerVariable } from "./process_table.ts";

let directory = "";
let ledger: Ledger;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "child-")));
  const owner = { pid: process.pid, startTime: "now", command: "test" };
  ledger = new Ledger(directory, { version: 1, id: "feedbeef", owner, paths: [], processes: {} });
});
afterAll(() => rmSync(directory, { recursive: true }));

function child(name: string, script: string): Child {
  return new Child({ name, argv: ["sh", "-c", script], logFile: join(directory, `${name}.log`) }, ledger);
}

test("a Child is marked, noted while it runs, and its output is kept", async () => {
  const talker = child(
    "talker",
    `echo "mark $${markerVariable}"; echo "proxy \${HTTPS_PROXY-none}" >&2; sleep 0.1; exit 3`,
  );
  expect(ledger.data.processes.talker?.pid).toBe(talker.pid);
  expect(await talker.ended).toBe("exit code 3");
  expect(talker.isRunning).toBe(false);
  expect(talker.isEnding).toBe(false);
  expect(ledger.data.processes.talker).toBeUndefined();
  const log = readFileSync(join(directory, "talker.log"), "utf8");
  expect(log.trim().split("\n").sort()).toEqual(["mark feedbeef", "proxy none"]);
  expect(talker.lastLines(5).sort()).toEqual(["mark feedbeef", "proxy none"]);
});

test("stop() asks first and kills what does not listen; kill() does not ask", async () => {
  const polite = child("polite", `trap "exit 0" TERM; while :; do sleep 0.01; done`);
  const deaf = child("deaf", `trap "" TERM; echo ready; while :; do sleep 0.01; done`);
  while (!deaf.lastLines(1).includes("ready")) await new Promise((resolve) => setImmediate(resolve));
  expect(await Promise.all([polite.stop(5000), deaf.stop(50)])).toEqual([expect.any(String), "SIGKILL"]);
  expect(polite.isEnding).toBe(true);
  const third = child("third", "sleep 60");
  expect(await third.kill()).toBe("SIGKILL");
});

test("a Child does not share the terminal's process group, so that Ctrl-C is not for it", async () => {
  const own = child("own", "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat");
  await own.ended;
  expect(Number(own.lastLines(1)[0])).toBe(own.pid);
});

test("a program that is not there is told by its name", () => {
  const absent = () =>
    new Child({ name: "x", argv: ["no-such-program"], logFile: join(directory, "x") }, ledger);
  expect(absent).toThrow('"no-such-program" is not installed.');
});
