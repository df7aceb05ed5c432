import { readdirSync, readFileSync } from "node:fs";

/**
 * A process that cannot be mistaken for another: numbers are used again, a number with its start time is not.
 * `startTime` is opaque text, compared for equality only.
 */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
  command: string;
}

/** Set for every process of a sandbox and inherited by theirs; its value is the lab's id. */
export const markerVariable = "METALLB_SANDBOX";

/** The living process with this number; a zombie does not live. */
export function identify(pid: number): ProcessIdentity | undefined {
  return process.platform === "linux" ? identifyByProc(pid) : identifyByPs(pid);
}

/** `ip netns exec NS program` becomes `program` by exec(2): same process, shorter command line. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now?.startTime === identity.startTime && identity.command.endsWith(now.command);
}

/** Sends the signal only to that very process; false where it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Processes that carry the marker of the lab, this one and its ancestors excepted. Linux only; elsewhere none. */
export function markedProcesses(id: string): ProcessIdentity[] {
  if (process.platform !== "linux") return [];
  const excepted = ancestors();
  const marker = `${markerVariable}=${id}`;
  const found: ProcessIdentity[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || excepted.has(pid)) continue;
    if (!readProc(pid, "environ").split("\0").includes(marker)) continue;
    const identity = identify(pid);
    if (identity) found.push(identity);
  }
  return found;
}

/** Fields of /proc/PID/stat after the command's name, which may itself hold spaces and parentheses (proc(5)). */
function statFields(pid: number): string[] {
  const stat = readProc(pid, "stat");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  // Fields 3 (state) and 22 (starttime) of proc(5).
  const [state] = fields;
  const startTime = fields[19];
  if (!state || !startTime || state === "Z" || state === "X") return undefined;
  const command = readProc(pid, "cmdline").replaceAll("\0", " ").trim();
  return { pid, startTime: `${bootId()}/${startTime}`, command };
}

/** Start times count from the boot, so that they repeat after a restart of the machine. */
function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function ancestors(): Set<number> {
  const pids = new Set<number>();
  for (let pid = process.pid; pid > 0 && !pids.has(pid); pid = Number(statFields(pid)[1] ?? 0)) pids.add(pid);
  return pids;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  const { stdout } = Bun.spawnSync(["ps", "-ww", "-o", "lstart=", "-o", "command=", "-p", String(pid)]);
  // `Mon Jan  2 15:04:05 2006`, always 24 columns.
  const line = stdout.toString().trim();
  return line ? { pid, startTime: line.slice(0, 24), command: line.slice(24).trim() } : undefined;
}
