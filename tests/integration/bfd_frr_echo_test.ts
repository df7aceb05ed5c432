import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BfdFrrLab } from "./harness/bfd_frr_lab.ts";
import { bfdSettings } from "./harness/bfd_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun, run } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bfdd", "zebra", "bgpd");
const group = reason ? `BFD echo with FRR: skipped, ${reason}` : "BFD echo with FRR";

setDefaultTimeout(30_000);

let lab: BfdFrrLab;
beforeAll(() => {
  if (!reason) lab = new BfdFrrLab("bfdecho");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** How FRR names us on the link. */
const onLink = "10.99.0.8 local-address 10.99.0.3 interface eth0";

describe.skipIf(reason !== undefined)(group, () => {
  test("echo over IPv4 finds the failure; FRR sends its own", async () => {
    lab.start([onLink], "  echo-mode\n  echo transmit-interval 100\n  echo receive-interval 100\n");
    await lab.speaker.set(bfdSettings({ address: "10.99.0.3", echoMode: true, echoIntervalMs: 100 }));
    const echoing = await lab.speaker.until("10.99.0.3", "echoing", ({ counters }) => counters.echoIn >= 10);
    expect(echoing.echoIntervalMs).toBe(100);
    await lab.speaker.until(
      "10.99.0.3",
      "slow control packets",
      ({ detectionTimeMs = 0 }) => detectionTimeMs >= 10_000,
    );
    expect(lab.inFrr("10.99.0.8")).toMatchObject({ status: "up", "remote-echo-receive-interval": 100 });
    await eventually("FRR's own echoes come back", () => lab.echoesOfFrr("10.99.0.8") >= 10);
    // FRR's forwarding, which sends the echoes back, ends; FRR itself lives on.
    run("ip", "netns", "exec", lab.pair.router, "sysctl", "-qw", "net.ipv4.ip_forward=0");
    try {
      await lab.speaker.until(
        "10.99.0.3",
        "down",
        ({ lastDown }) => lastDown?.why === "Echo Function Failed",
      );
    } finally {
      run("ip", "netns", "exec", lab.pair.router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    }
    await lab.speaker.up("10.99.0.3");
  });

  test("echo over IPv6: ours is forwarded back, FRR's is sent back", async () => {
    lab.start(
      ["fd99::8 local-address fd99::3 interface eth0"],
      "  echo-mode\n  echo transmit-interval 100\n  echo receive-interval 100\n",
    );
    await lab.speaker.set(bfdSettings({ address: "fd99::3", echoMode: true, echoIntervalMs: 100 }));
    await lab.speaker.until("fd99::3", "echoing", ({ counters }) => counters.echoIn >= 10);
    await eventually("FRR's own echoes come back", () => lab.echoesOfFrr("fd99::8") >= 10);
    expect(lab.inFrr("fd99::8").status).toBe("up");
  });
});
