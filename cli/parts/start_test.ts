import { expect, test } from "bun:test";
import { join } from "node:path";

const program = join(import.meta.dir, "..", "..", "main.ts");

async function run(...args: string[]) {
  const child = Bun.spawn(["bun", program, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map((each) => new Response(each).text()),
  );
  return { code: await child.exited, stdout, stderr };
}

test("what stops a part from starting is one line of its log", async () => {
  const { code, stdout, stderr } = await run("controller", "--tls-min-version=1.3");
  expect([code, stderr]).toEqual([1, ""]);
  expect(JSON.parse(stdout ?? "")).toMatchObject({
    level: "error",
    caller: "controller",
    msg: "cannot start",
    op: "startup",
    error: expect.stringContaining("must be VersionTLS12 or VersionTLS13"),
  });
});

test("who wants no log is told on standard error", async () => {
  const { code, stdout, stderr } = await run("controller", "--tls-min-version=1.3", "--log-level=none");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toStartWith("metallb: --tls-min-version must be");
});
