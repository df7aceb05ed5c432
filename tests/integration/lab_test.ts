import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createNetwork,
  cutStation,
  cutsOf,
  findLeftovers,
  findProgram,
  healStation,
  type LabPlan,
  labId,
  labSupport,
  markedProcesses,
  namespacesOf,
  planLab,
  removeLeftovers,
  removeNetwork,
  run,
  runTolerant,
  stationNamed,
} from "#sandbox/lab/mod.ts";

/** Leftovers of a crashed earlier run are known by this prefix. */
const temporaryPrefix = "mlbt-lab-";
// Generous, for a machine that is busy with other things.
setDefaultTimeout(30_000);

const support = labSupport(labId("lab_test"));
const missing = !support.ok
  ? `no namespaces (${support.reason})`
  : findProgram("arping")
    ? undefined
    : "no arping";

function hostNetwork(): string {
  const commands = [
    ["addr"],
    ["route", "show", "table", "all"],
    ["-6", "route", "show", "table", "all"],
    ["rule"],
  ];
  // Lifetimes and neighbour timers tick by themselves.
  const shown = commands.map((command) =>
    run(["ip", ...command]).replaceAll(/(valid_lft|preferred_lft|expires) \S+/g, ""),
  );
  return [...shown, readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8")].join("\n");
}

function planIn(stateDirectory: string): LabPlan {
  return planLab({
    stateDirectory,
    nodes: 3,
    nodePrefix: "node",
    lan: "192.168.1.0/24",
    podCidr: "10.244.0.0/16",
    hasRouter: true,
  });
}

/** Whether one ARP request gets an answer, without a wait of a whole second where it does. */
function reaches(plan: LabPlan, from: string, to: string): boolean {
  const { namespace } = stationNamed(plan, from);
  const { address } = stationNamed(plan, to);
  return (
    runTolerant(["ip", "netns", "exec", namespace, "arping", "-c1", "-C1", "-w1", "-i", "eth0", address])
      .exitCode === 0
  );
}

/** The holder's two shells and, a moment later, their children. */
async function fourMarked(id: string): Promise<number[]> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline && markedProcesses(id).length < 4) await Bun.sleep(5);
  const pids = markedProcesses(id).map(({ pid }) => pid);
  expect(pids).toHaveLength(4);
  return pids;
}

describe.skipIf(missing !== undefined)(`lab${missing ? `: skipped, ${missing}` : ""}`, () => {
  let root = "";
  let before = "";

  beforeAll(() => {
    for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(temporaryPrefix))) {
      const earlier = join(realpathSync(tmpdir()), name);
      removeLeftovers(join(earlier, "state"));
      rmSync(earlier, { recursive: true, force: true });
    }
    root = realpathSync(mkdtempSync(join(tmpdir(), temporaryPrefix)));
    before = hostNetwork();
  });

  // Also after a test that ran into its limit.
  afterEach(() => {
    for (const state of ["state", "state/second"]) removeLeftovers(join(root, state));
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  test("createNetwork() joins the stations and leaves the host's network as it was", () => {
    const plan = planIn(join(root, "state"));
    const start = performance.now();
    createNetwork(plan);
    const tookMs = performance.now() - start;
    try {
      console.log(`lab of ${plan.stations.length} stations: ${tookMs.toFixed(0)} ms`);
      expect(namespacesOf(plan.id)).toHaveLength(plan.stations.length + 1);
      expect(hostNetwork()).toBe(before);
      expect(reaches(plan, "client", "node1")).toBe(true);
      expect(reaches(plan, "node3", "router")).toBe(true);
      const forwarding = (name: string) =>
        run([
          "ip",
          "netns",
          "exec",
          stationNamed(plan, name).namespace,
          "cat",
          "/proc/sys/net/ipv4/ip_forward",
        ]).trim();
      expect([forwarding("router"), forwarding("client")]).toEqual(["1", "0"]);
      expect(run(["ip", "-n", stationNamed(plan, "client").namespace, "route"])).toContain(
        "default via 192.168.1.1 dev eth0",
      );
    } finally {
      removeNetwork(plan.id);
    }
    expect(namespacesOf(plan.id)).toEqual([]);
    expect(hostNetwork()).toBe(before);
  });

  test("cutStation() parts a node with its link up, or pulls its cable; healStation() joins it again", () => {
    const plan = planIn(join(root, "state"));
    createNetwork(plan);
    try {
      const node2 = stationNamed(plan, "node2");
      const carrier = () =>
        run(["ip", "netns", "exec", node2.namespace, "cat", "/sys/class/net/eth0/carrier"]).trim();
      for (const [cut, link] of [
        ["bridge", "1"],
        ["carrier", "0"],
      ] as const) {
        cutStation(plan, node2, cut);
        expect(cutsOf(plan)).toEqual(new Map([["node2", cut]]));
        expect(carrier()).toBe(link);
        expect(reaches(plan, "client", "node2")).toBe(false);
        expect(reaches(plan, "client", "node1")).toBe(true);
        healStation(plan, node2);
        expect(cutsOf(plan)).toEqual(new Map());
        expect(carrier()).toBe("1");
        expect(reaches(plan, "client", "node2")).toBe(true);
      }
    } finally {
      removeNetwork(plan.id);
    }
  });

  test("two labs with the same addresses do not see each other", () => {
    const [a, b] = [planIn(join(root, "state")), planIn(join(root, "state", "second"))];
    createNetwork(a);
    try {
      createNetwork(b);
      cutStation(b, stationNamed(b, "node1"), "carrier");
      expect(reaches(a, "client", "node1")).toBe(true);
      expect(reaches(b, "client", "node1")).toBe(false);
      removeNetwork(b.id);
      expect(reaches(a, "client", "node1")).toBe(true);
    } finally {
      removeNetwork(a.id);
      removeNetwork(b.id);
    }
  });

  test("a start after SIGKILL removes every leftover and stands again", async () => {
    const directory = join(root, "state");
    const hold = async () => {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "lab_holder.ts"), directory], {
        stdout: "pipe",
        stderr: "inherit",
      });
      for await (const chunk of child.stdout) if (Buffer.from(chunk).includes("ready")) return child;
      throw new Error("The holder ended before it was ready.");
    };
    const first = await hold();
    const second = Bun.spawnSync([process.execPath, join(import.meta.dir, "lab_holder.ts"), directory], {
      stderr: "pipe",
    });
    expect(second.stderr.toString()).toContain(
      `A sandbox already runs from ${directory} (process ${first.pid})`,
    );
    const orphans = await fourMarked(labId(directory));
    first.kill("SIGKILL");
    await first.exited;
    expect(namespacesOf(labId(directory))).toHaveLength(7);

    const again = await hold();
    const alive = await fourMarked(labId(directory));
    expect(alive.filter((pid) => orphans.includes(pid))).toEqual([]);
    again.kill("SIGKILL");
    await again.exited;

    const removed = removeLeftovers(directory);
    expect([removed.processes.length, removed.namespaces.length]).toEqual([4, 7]);
    expect(findLeftovers(directory)).toEqual({ processes: [], namespaces: [], paths: [] });
    expect(existsSync(directory)).toBe(false);
    expect(hostNetwork()).toBe(before);
  });
});
