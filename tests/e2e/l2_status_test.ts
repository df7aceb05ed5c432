import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Overview, SpeakerDetail } from "#server/mod.ts";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { announced, leaderOf, macOf, serviceEvents } from "./support/observe.ts";
import { run } from "./support/run.ts";

const lacking = missing("curl", "arping");
const vip = "192.168.1.240";
const nodes = ["node1", "node2", "node3"];

interface StatusObject {
  metadata: {
    name: string;
    resourceVersion: string;
    labels: Record<string, string>;
    ownerReferences: unknown[];
  };
  status?: { node?: string; serviceName?: string; serviceNamespace?: string; interfaces?: unknown };
}

describe.skipIf(lacking !== undefined)(
  `what layer 2 tells the cluster${lacking ? ` (needs ${lacking})` : ""}`,
  () => {
    let cluster: TestCluster;
    let cookie: string;
    let leader: string;

    beforeAll(async () => {
      cluster = await TestCluster.start();
      const answer = await fetch(cluster.loginUrl, { redirect: "manual" });
      cookie = answer.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ");
      for (const manifest of [firstPool, l2Advertisement, demo]) await cluster.apply(manifest);
      leader = await eventually("somebody announces", () => leaderOf(cluster, vip), 30_000);
    }, 120_000);
    afterAll(() => cluster?.stop());

    const statuses = async (): Promise<StatusObject[]> => {
      const { items } = await cluster.json("get", "servicel2statuses", "-n", "metallb-system");
      return items as StatusObject[];
    };
    const onlyStatusOf = (node: string) =>
      eventually(
        `one ServiceL2Status, of ${node}`,
        async () => {
          const found = await statuses();
          return found.length === 1 && found[0]?.status?.node === node && found[0];
        },
        30_000,
      );
    const api = async <Answer>(path: string): Promise<Answer> => {
      const answer = await fetch(new URL(`/api/v1${path}`, cluster.loginUrl), { headers: { cookie } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Answer;
    };
    const assigned = async (node: string) =>
      (await serviceEvents(cluster, "metallb-demo")).filter(
        ({ reason, message }) => reason === "nodeAssigned" && message.includes(`"${node}"`),
      ) as { count?: number }[];

    test("the announcer's ServiceL2Status is there, as kubectl and MetalLB's own readers expect it", async () => {
      const found = await onlyStatusOf(leader);
      expect(found.metadata.name).toMatch(/^l2-[a-z0-9]{5}$/);
      expect(found.metadata.labels).toMatchObject({
        "metallb.io/node": leader,
        "metallb.io/service-name": "metallb-demo",
        "metallb.io/service-namespace": "default",
      });
      expect(found.metadata.ownerReferences).toMatchObject([{ kind: "Pod" }]);
      expect(found.status).toEqual({
        node: leader,
        serviceName: "metallb-demo",
        serviceNamespace: "default",
      });
      const table = await cluster.kubectl("get", "servicel2statuses", "-n", "metallb-system");
      expect(table).toMatch(/NAME\s+ALLOCATED NODE\s+SERVICE NAME\s+SERVICE NAMESPACE/);
      const events = await eventually("nodeAssigned is told", async () => {
        const told = await assigned(leader);
        return told.length > 0 && told;
      });
      expect(events.length).toBe(1);
    }, 60_000);

    test("when nothing happens nothing is written: no status, no event (story 21)", async () => {
      const before = [await statuses(), await serviceEvents(cluster, "metallb-demo")];
      // What an outside controller does that rewrites things without changing them.
      for (let round = 0; round < 3; round++)
        await cluster.kubectl(
          "annotate",
          "service",
          "metallb-demo",
          `example.com/touched=${round}`,
          "--overwrite",
        );
      await Bun.sleep(3_000);
      expect([await statuses(), await serviceEvents(cluster, "metallb-demo")]).toEqual(before);
    }, 30_000);

    test("an object that somebody deletes is written again, and one that is left over goes", async () => {
      const [own] = await statuses();
      const other = nodes.find((node) => node !== leader) ?? "";
      await cluster.apply(`
apiVersion: metallb.io/v1beta1
kind: ServiceL2Status
metadata:
  name: l2-stale
  namespace: metallb-system
  labels: { metallb.io/node: ${other}, metallb.io/service-name: metallb-demo, metallb.io/service-namespace: default }
`);
      await cluster.kubectl("delete", "servicel2status", "-n", "metallb-system", own?.metadata.name ?? "");
      const found = await onlyStatusOf(leader);
      expect(found.metadata.name).not.toBe(own?.metadata.name);
      expect(await announced(cluster, vip)).toEqual([leader]);
    }, 60_000);

    test("another host on the address is an event, a metric and the console's alarm, with both MACs", async () => {
      const client = await macOf(cluster, "client");
      const own = await macOf(cluster, leader);
      await cluster.exec("client", ["ip", "address", "add", `${vip}/32`, "dev", "eth0"]);
      try {
        // Who is asked answers, and who announces hears it.
        await cluster.exec("client", ["arping", "-c", "1", "-U", "-i", "eth0", "-S", vip, vip]);
        await cluster.exec("router", ["arping", "-c", "2", "-i", "eth0", vip]);
        const event = await eventually("the conflict is an event", async () =>
          (await serviceEvents(cluster, "metallb-demo")).find(({ reason }) => reason === "addressConflict"),
        );
        for (const word of [vip, client, own, leader]) expect(event.message).toContain(word);
        expect(event.type).toBe("Warning");
        const { stdout } = await speakerMetrics(leader);
        expect(stdout).toMatch(
          new RegExp(`metallb_speaker_address_conflicts\\{ip="${vip}",node="${leader}",phase="owned"\\} 1`),
        );
        const alarm = await eventually("the console knows it", async () =>
          (await api<Overview>("/overview")).attention.find(({ kind }) => kind === "address-conflict"),
        );
        expect(alarm.why?.params).toMatchObject({ address: vip, mac: client, ownMac: own, node: leader });
        const speaker = await api<SpeakerDetail>(`/speakers/${leader}`);
        expect(speaker.conflicts).toMatchObject([{ address: vip, mac: client, phase: "owned" }]);
      } finally {
        await cluster.exec("client", ["ip", "address", "delete", `${vip}/32`, "dev", "eth0"]);
      }
    }, 60_000);

    test("after a takeover there is one status and one series, the new announcer's, and two events (story 22)", async () => {
      await cluster.sandbox("kill", "speaker", leader);
      const next = await eventually(
        "another node announces",
        async () => {
          const now = await leaderOf(cluster, vip);
          return now !== leader && now;
        },
        30_000,
      );
      await onlyStatusOf(next);
      expect(await announced(cluster, vip)).toEqual([next]);
      const lost = await eventually("the loss is told", async () =>
        (await serviceEvents(cluster, "metallb-demo")).find(({ reason }) => reason === "announcerLost"),
      );
      expect(lost).toMatchObject({ type: "Warning" });
      expect(lost.message).toContain(`node "${leader}" stopped answering: node "${next}" announces ${vip}`);
      await eventually(
        "nodeAssigned is told of the new one",
        async () => (await assigned(next)).length === 1,
      );
      const { stdout } = await speakerMetrics(next);
      expect(stdout).toContain("metallb_speaker_takeover_duration_seconds_count 1");
    }, 60_000);

    test("with the Service its status goes, and nothing is left of its series", async () => {
      await cluster.kubectl("delete", "service", "metallb-demo");
      await eventually("no status is left", async () => (await statuses()).length === 0, 30_000);
      for (const node of nodes) {
        const { stdout } = await speakerMetrics(node);
        expect(stdout).not.toContain(`ip="${vip}"`);
      }
    }, 60_000);

    function speakerMetrics(node: string) {
      const socket = `${cluster.stateDirectory}/sockets/speaker-${node}.sock`;
      return run(["curl", "-sS", "--max-time", "2", "--unix-socket", socket, "http://speaker/metrics"]);
    }
  },
);
