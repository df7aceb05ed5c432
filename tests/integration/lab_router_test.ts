import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  birdCommand,
  birdConfig,
  Child,
  claimDirectory,
  createNetwork,
  findProgram,
  type LabPlan,
  type Ledger,
  labId,
  labSupport,
  planLab,
  removeLeftovers,
  routerAsn,
  run,
  stationNamed,
} from "#sandbox/lab/mod.ts";
import { eventually } from "./harness/eventually.ts";

/** Leftovers of a crashed earlier run are known by this prefix. */
const temporaryPrefix = "mlbt-router-";
const support = labSupport(labId("lab_router_test"));
const missing = !support.ok
  ? `no namespaces (${support.reason})`
  : findProgram("bird")
    ? undefined
    : "no bird";

describe.skipIf(missing !== undefined)(`lab's router${missing ? `: skipped, ${missing}` : ""}`, () => {
  let root = "";
  let state = "";
  let ledger: Ledger;
  let plan: LabPlan;

  beforeAll(() => {
    for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(temporaryPrefix))) {
      const earlier = join(realpathSync(tmpdir()), name);
      removeLeftovers(join(earlier, "state"));
      rmSync(earlier, { recursive: true, force: true });
    }
    root = realpathSync(mkdtempSync(join(tmpdir(), temporaryPrefix)));
    ({ stateDirectory: state, ledger } = claimDirectory(join(root, "state"), []));
    plan = planLab({
      stateDirectory: state,
      nodes: 2,
      nodePrefix: "node",
      lan: "192.168.1.0/24",
      podCidr: "10.244.0.0/16",
      hasRouter: true,
    });
    createNetwork(plan);
    mkdirSync(ledger.path(join(state, "files")));
  });

  afterAll(() => {
    removeLeftovers(state);
    rmSync(root, { recursive: true, force: true });
  });

  function startBird(station: string, config: (files: Parameters<typeof birdConfig>[2]) => string): Child {
    const path = (end: string) => join(state, "files", `${station}.${end}`);
    const files = { config: path("conf"), control: path("ctl"), pid: path("pid"), log: path("log") };
    writeFileSync(files.config, config(files));
    const { namespace } = stationNamed(plan, station);
    return new Child({ name: station, argv: birdCommand(files), namespace, logFile: path("out") }, ledger);
  }

  /** A speaker of AS 64500 that announces one address. */
  function startSpeaker(node: string): Child {
    const { address } = stationNamed(plan, node);
    return startBird(
      node,
      ({ log }) => `log "${log}" all;
router id ${address};
protocol device {}
protocol static { ipv4; route 203.0.113.10/32 blackhole; }
protocol bgp { local ${address} as 64500; neighbor 192.168.1.1 as ${routerAsn}; connect delay time 1; ipv4 { import none; export all; }; }
`,
    );
  }

  const routes = () =>
    run(["ip", "-n", stationNamed(plan, "router").namespace, "route", "show", "203.0.113.10"]);

  test("takes any speaker of the LAN, spreads over equal ones, and forgets one that dies", async () => {
    const router = startBird("router", (files) => birdConfig(plan, stationNamed(plan, "router"), files));
    const speakers = ["node1", "node2"].map(startSpeaker);
    await eventually("both next hops are in the kernel", () => {
      const text = routes();
      return text.includes("nexthop via 192.168.1.11") && text.includes("nexthop via 192.168.1.12");
    });
    await speakers[0]?.kill();
    await eventually(
      "the dead speaker's next hop is gone",
      () => routes().includes("via 192.168.1.12") && !routes().includes("192.168.1.11"),
    );
    expect(router.isRunning).toBe(true);
    expect(readFileSync(join(state, "files", "router.log"), "utf8")).not.toMatch(/<(ERR|FATAL|BUG|WARN)>/);
  }, 30_000);
});
