import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimDirectory } from "./claim.ts";
import { findLeftovers, removeLeftovers } from "./cleanup.ts";
import { Ledger, type LedgerData, readLedger } from "./ledger.ts";
import { labId } from "./plan.ts";
import { identify, isAlive, markerVariable, type ProcessIdentity } from "./process_table.ts";

let root = "";
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "cleanup-")));
});
afterAll(() => rmSync(root, { recursive: true }));

function stateDirectory(name: string): { directory: string; data: LedgerData } {
  const directory = join(root, name);
  mkdirSync(directory);
  const owner: ProcessIdentity = { pid: 1, startTime: "never", command: "none" };
  return { directory, data: { version: 1, id: labId(directory), owner, paths: [], processes: {} } };
}

function sleeper(environment: Record<string, string> = {}): {
  child: Bun.Subprocess;
  identity: ProcessIdentity;
} {
  const child = Bun.spawn(["sleep", "60"], { env: { ...process.env, ...environment } });
  const deadline = performance.now() + 5000;
  // Until exec(2) is through, the child still has our own command line and environment.
  while (performance.now() < deadline) {
    const identity = identify(child.pid);
    if (identity?.command === "sleep 60") return { child, identity };
  }
  throw new Error("identify() does not see a living child");
}

test("removeLeftovers() kills a noted process and a marked one that was never noted", async () => {
  const { directory, data } = stateDirectory("kill");
  const noted = sleeper();
  const marked = sleeper({ [markerVariable]: data.id });
  const foreign = sleeper({ [markerVariable]: "another" });
  new Ledger(directory, data).started("noted", noted.identity);
  const { processes } = removeLeftovers(directory);
  expect(processes.map(({ pid }) => pid).sort()).toEqual([noted.child.pid, marked.child.pid].sort());
  await Promise.all([noted.child.exited, marked.child.exited]);
  expect(noted.child.signalCode).toBe("SIGKILL");
  expect(isAlive(foreign.identity)).toBe(true);
  foreign.child.kill();
  await foreign.child.exited;
  expect(existsSync(directory)).toBe(false);
});

test("removeLeftovers() leaves a process alone that has got the number of one of ours", async () => {
  const { directory, data } = stateDirectory("reused");
  const { child: stranger, identity } = sleeper();
  const ledger = new Ledger(directory, data);
  ledger.started("earlier", { ...identity, startTime: "earlier" });
  ledger.started("other", { ...identity, command: "another program" });
  expect(removeLeftovers(directory).processes).toEqual([]);
  expect(isAlive(identity)).toBe(true);
  stranger.kill();
  await stranger.exited;
  expect(isAlive(identity)).toBe(false);
});

test("removeLeftovers() removes what is noted, and nothing outside the sandbox's own directories", () => {
  const { directory, data } = stateDirectory("paths");
  const precious = join(root, "precious");
  writeFileSync(precious, "mine");
  const ledger = new Ledger(directory, data);
  for (const path of [join(directory, "logs"), join(directory, "never-made"), precious, `${directory}-2`]) {
    ledger.path(path);
  }
  mkdirSync(join(directory, "logs"));
  writeFileSync(join(directory, "logs", "a.log"), "");
  writeFileSync(join(directory, "notes.txt"), "the user's own");
  removeLeftovers(directory);
  expect(readdirSync(directory)).toEqual(["notes.txt"]);
  expect(existsSync(precious)).toBe(true);
  expect(findLeftovers(directory)).toEqual({ processes: [], namespaces: [], paths: [] });
});

test("readLedger() gives nothing for a file that is not a ledger", () => {
  const { directory } = stateDirectory("broken");
  writeFileSync(join(directory, "state.json"), '{"version":1,');
  expect(readLedger(directory)).toBeUndefined();
});

test("claimDirectory() refuses a directory where somebody else's file has a name of ours", () => {
  const { directory } = stateDirectory("claim");
  mkdirSync(join(directory, "logs"));
  mkdirSync(join(directory, ".kube"));
  expect(() => claimDirectory(directory, ["logs", "kubeconfig"])).toThrow(
    `${directory} holds logs, which no sandbox has made; choose another directory with --state-dir.`,
  );
  rmSync(join(directory, "logs"), { recursive: true });
  const { ledger } = claimDirectory(directory, ["logs", "kubeconfig"]);
  expect(ledger.data).toMatchObject({ owner: { pid: process.pid }, paths: [], processes: {} });
  expect(() => claimDirectory(directory, [])).toThrow(
    `A sandbox already runs from ${directory} (process ${process.pid})`,
  );
});
