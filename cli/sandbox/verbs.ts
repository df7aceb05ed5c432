import { realpathSync } from "node:fs";
import {
  askControl,
  type ControlRequest,
  controlSocket,
  findLeftovers,
  findProgram,
  isAlive,
  labId,
  markerVariable,
  namespacePrefix,
  namespacesOf,
  readLedger,
  removeLeftovers,
  SandboxError,
  type SandboxStatus,
} from "#sandbox/mod.ts";
import { statusText } from "./status_text.ts";
import type { Say } from "./texts.ts";

/** Asks the sandbox that runs from the directory; its answer is what {@link ControlRequest}'s verb gives. */
async function ask(directory: string, request: ControlRequest, say: Say): Promise<unknown> {
  const stateDirectory = existing(directory);
  const owner = stateDirectory && readLedger(stateDirectory)?.owner;
  if (owner && isAlive(owner)) return await askControl(controlSocket(stateDirectory), request);
  throw new SandboxError(
    say(stateDirectory && hasLeft(stateDirectory) ? "notRunningLeft" : "notRunning", { directory }),
  );
}

export async function showStatus(directory: string, isJson: boolean, say: Say): Promise<string> {
  const status = (await ask(directory, { verb: "status" }, say)) as SandboxStatus;
  return isJson ? JSON.stringify(status, undefined, 2) : statusText(status, say);
}

export async function newLogin(directory: string, say: Say): Promise<string> {
  return String(await ask(directory, { verb: "login" }, say));
}

type ProcessVerb = Extract<ControlRequest, { verb: "kill" | "start" }>;

export async function changeProcess(directory: string, request: ProcessVerb, say: Say): Promise<string> {
  const { name, pid } = (await ask(directory, request, say)) as { name: string; pid: number };
  return say(request.verb === "kill" ? "killed" : "started", { name, pid });
}

type LinkVerb = Extract<ControlRequest, { verb: "cut" | "heal" }>;

export async function changeLink(directory: string, request: LinkVerb, say: Say): Promise<string> {
  await ask(directory, request, say);
  const { station } = request;
  if (request.verb === "heal") return say("healed", { station });
  return say(request.cut === "carrier" ? "cutCarrier" : "cutBridge", { station });
}

const stopLimitMs = 20_000;

/** Stops the running sandbox and waits for its end; without one, removes what an earlier one has left. */
export async function stopSandbox(directory: string, say: Say): Promise<string> {
  const stateDirectory = existing(directory);
  const owner = stateDirectory && readLedger(stateDirectory)?.owner;
  if (!stateDirectory || !owner || !isAlive(owner)) {
    if (!stateDirectory || !hasLeft(stateDirectory)) throw new SandboxError(say("notRunning", { directory }));
    removeLeftovers(stateDirectory);
    return say("alreadyGone");
  }
  await askControl(controlSocket(stateDirectory), { verb: "stop" });
  const deadline = performance.now() + stopLimitMs;
  while (isAlive(owner) && performance.now() < deadline) await Bun.sleep(20);
  if (isAlive(owner)) throw new SandboxError(`The sandbox, process ${owner.pid}, did not stop.`);
  return say("stopped");
}

/** Runs a program at a station, with this terminal; gives its exit code. */
export async function execAt(
  directory: string,
  station: string,
  argv: readonly string[],
  say: Say,
): Promise<number> {
  const stateDirectory = existing(directory);
  const id = labId(stateDirectory ?? directory);
  const names = findProgram("ip")
    ? namespacesOf(id).map((name) => name.slice(namespacePrefix(id).length))
    : [];
  if (names.length === 0) throw new SandboxError(say("noNamespaces", { directory }));
  if (!names.includes(station)) {
    throw new SandboxError(say("noNamespace", { station, names: names.sort().join(", ") }));
  }
  // The program has the terminal: Ctrl-C is for it, and we end when it does.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const namespace = namespacePrefix(id) + station;
  const child = Bun.spawn([findProgram("ip") ?? "ip", "netns", "exec", namespace, ...argv], {
    stdio: ["inherit", "inherit", "inherit"],
    env: { ...process.env, [markerVariable]: id },
  });
  return await child.exited;
}

function existing(directory: string): string | undefined {
  try {
    return realpathSync(directory);
  } catch {
    return undefined;
  }
}

function hasLeft(stateDirectory: string): boolean {
  const { processes, namespaces, paths } = findLeftovers(stateDirectory);
  return processes.length + namespaces.length + paths.length > 0;
}
