/**
 * Two controllers as processes, while Services are made by the hundred: the one that leads is killed, stopped in the
 * middle of its work and woken again. No address is ever on two Services, none moves, and the standby's pages are there.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectKubernetes, type KubeClient, resources } from "#k8s/mod.ts";
import { socketDirectory } from "#sandbox/lab/mod.ts";
import type { SandboxStatus } from "#sandbox/mod.ts";
import { TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { AddressWitness, PageWitness } from "./support/two_witnesses.ts";

const lacking = process.platform === "linux" ? undefined : "Linux";
const leaseMs = 6_000;
/** A lease, and three times what may come on top of it on a machine that has much else to do. */
const takeoverMs = leaseMs * 4;
const many = 200;
/** What was in a socket's queue is out after this, on a loaded machine too. */
const goneAfterMs = 3_000;

interface Controller {
  pid: number;
  pod: string;
  isLeader: boolean;
  socket: string;
}

describe.skipIf(lacking !== undefined)(`two controllers${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  let client: KubeClient;
  let log: string;

  beforeAll(async () => {
    log = join(import.meta.dir, `.audit-controllers-${process.pid}.log`);
    const flags = [
      "--nodes",
      "1",
      "--controllers",
      "2",
      "--record-only",
      "--lease-duration",
      `${leaseMs / 1_000}s`,
    ];
    cluster = await TestCluster.start({ flags: [...flags, "--audit-log", log] });
    ({ client } = await connectKubernetes({
      kubeconfig: cluster.kubeconfig,
      userAgent: "two-controllers-test",
    }));
    await client.create(resources.ipAddressPools, {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "pool", namespace: "metallb-system" },
      spec: { addresses: ["10.20.0.0/22"] },
    });
  }, 90_000);
  afterAll(async () => {
    await cluster?.stop();
    await Bun.file(log)
      .delete()
      .catch(() => {});
  });

  async function controllers(): Promise<{ leader?: Controller; standby?: Controller }> {
    const status: SandboxStatus = JSON.parse(await cluster.sandbox("status", "--json"));
    const all = status.stations.flatMap(({ name: station, processes }) =>
      processes
        .filter(({ name, state }) => name === "controller" && state === "ready")
        .map(({ pid, pod = "", isLeader = false }) => ({
          ...{ pid, pod, isLeader },
          socket: join(socketDirectory(cluster.stateDirectory), `${station}.sock`),
        })),
    );
    const leader = all.find(({ isLeader }) => isLeader);
    const standby = all.find(({ isLeader }) => !isLeader);
    return { ...(leader && { leader }), ...(standby && { standby }) };
  }

  async function pair(): Promise<{ leader: Controller; standby: Controller }> {
    return eventually(
      "one leads and one stands by",
      async () => {
        const { leader, standby } = await controllers();
        return leader && standby && { leader, standby };
      },
      takeoverMs,
    );
  }

  async function holder(): Promise<string> {
    const { spec } = await client.get(resources.leases, "metallb-controller", "metallb-system");
    return String((spec as { holderIdentity: string }).holderIdentity).replace(/_[^_]*$/, "");
  }

  /** Resolves when they are made; who gives them addresses is not waited for. */
  async function make(prefix: string): Promise<void> {
    const one = (index: number) =>
      client.create(resources.services, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: `${prefix}-${index}`, namespace: "default" },
        spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
      });
    for (let first = 0; first < many; first += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => one(first + index)));
    }
  }

  async function takenOverBy(pod: string, limitMs = takeoverMs): Promise<number> {
    const startedAt = performance.now();
    await eventually(`${pod} leads`, async () => (await holder()) === pod, limitMs, 20);
    return Math.round(performance.now() - startedAt);
  }

  test("the leader is killed while 200 Services are made", async () => {
    const { leader, standby } = await pair();
    const addresses = await AddressWitness.start(client);
    const pages = new PageWitness(standby.socket, cluster.kubeconfig).start();
    const made = make("killed");
    await addresses.whenHolding(many / 10, takeoverMs);
    process.kill(leader.pid, "SIGKILL");
    await made;
    const afterMs = await takenOverBy(standby.pod);
    await addresses.whenHolding(many, takeoverMs);
    console.log(`killed: taken over after ${afterMs} ms; the standby answered ${await pages.stop()} times`);
    expect(pages.failures).toEqual([]);
    expect(await addresses.stop()).toEqual({ twice: [], moved: [], holding: many });
    await cluster.sandbox("start", "controller", leader.pod);
  }, 90_000);

  test("a leader that ends in order hands over at once", async () => {
    const { leader, standby } = await pair();
    const addresses = await AddressWitness.start(client);
    const made = make("ended");
    await addresses.whenHolding(many / 10, takeoverMs);
    process.kill(leader.pid, "SIGTERM");
    const afterMs = await takenOverBy(standby.pod);
    await made;
    await addresses.whenHolding(many, takeoverMs);
    console.log(`ended in order: taken over after ${afterMs} ms`);
    expect(await addresses.stop()).toEqual({ twice: [], moved: [], holding: many });
    const { spec } = await client.get(resources.leases, "metallb-controller", "metallb-system");
    expect(spec).toMatchObject({ leaseDurationSeconds: leaseMs / 1_000 });
    await eventually("its process has ended", () => !isRunning(leader.pid), takeoverMs);
    await cluster.sandbox("start", "controller", leader.pod);
  }, 90_000);

  test("a leader that was stopped past its lease and goes on writes nothing", async () => {
    const { leader, standby } = await pair();
    const addresses = await AddressWitness.start(client);
    const made = make("stopped");
    await addresses.whenHolding(many / 10, takeoverMs);
    process.kill(leader.pid, "SIGSTOP");
    try {
      await made;
      const afterMs = await takenOverBy(standby.pod);
      await addresses.whenHolding(many, takeoverMs);
      console.log(`stopped: taken over after ${afterMs} ms`);
    } finally {
      await Bun.sleep(200);
      process.kill(leader.pid, "SIGCONT");
    }
    const wokenAt = Date.now();
    await eventually("it knows that it does not lead", async () => {
      const { leadership } = (await overviewOf(leader.socket)) as {
        leadership: { role: string; leader: string };
      };
      return leadership.role === "standby" && leadership.leader === standby.pod;
    });
    // Time enough for whatever it had in mind.
    await make("woken");
    await addresses.whenHolding(2 * many, takeoverMs);
    expect(await addresses.stop()).toEqual({ twice: [], moved: [], holding: 2 * many });
    await Bun.sleep(300);
    // Nothing new. What it had handed to its sockets before it was stopped goes out when it wakes, and is refused.
    const late = writesOf(leader.pod, wokenAt);
    console.log(`woken: ${late.length} writes left its sockets`);
    expect(late.filter(({ name }) => name.startsWith("woken"))).toEqual([]);
    expect(late.filter(({ afterMs }) => afterMs > goneAfterMs)).toEqual([]);
    expect(writesOf(standby.pod, wokenAt).length).toBeGreaterThanOrEqual(many);
  }, 90_000);

  /** What the Pod's token was used for since then, other than looking, as the API's audit log has it. */
  function writesOf(pod: string, sinceMs: number): { what: string; name: string; afterMs: number }[] {
    const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
    return lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ user }) => user.extra?.["authentication.kubernetes.io/pod-name"]?.[0] === pod)
      .filter(({ verb }) => !["get", "list", "watch"].includes(verb))
      .map(({ verb, objectRef, requestReceivedTimestamp }) => ({
        what: `${verb} ${objectRef?.resource}`,
        name: objectRef?.name ?? "",
        afterMs: Date.parse(requestReceivedTimestamp) - sinceMs,
      }))
      .filter(({ afterMs }) => afterMs > 0);
  }

  function overviewOf(socket: string): Promise<unknown> {
    return new PageWitness(socket, cluster.kubeconfig).once();
  }
});

interface AuditEvent {
  verb: string;
  user: { extra?: Record<string, string[]> };
  objectRef?: { resource: string; name?: string };
  requestReceivedTimestamp: string;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
