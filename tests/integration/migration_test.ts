/**
 * From MetalLB to this program and back, on the sandbox's API with what an installed MetalLB leaves in a cluster:
 * `check upgrade`, the shadow, the takeover, the rollback (docs/migration.md). What MetalLB's own programs would do is
 * played by the test; none of them runs.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { checkUpgrade } from "#cli/check/upgrade/check_upgrade.ts";
import { type Finding, verdictOf } from "#cli/check/upgrade/finding.ts";
import { resources } from "#k8s/mod.ts";
import type { ShadowReport } from "#server/ports.ts";
import { eventually } from "./controller_support.ts";
import { MetallbCluster, namespace, nodes } from "./migration_support.ts";

let cluster: MetallbCluster;

/** MetalLB's election: the lowest sha256(node + "#" + ip). */
function winnerOf(ip: string): string {
  const hash = (node: string) => createHash("sha256").update(`${node}#${ip}`).digest("hex");
  return nodes.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1))[0] ?? "";
}

const shadowUser = `system:serviceaccount:${namespace}:metallb-shadow`;
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
/** By this account; every verb it asked with. */
const verbsOf = (user: string) =>
  [...new Set(cluster.asked.filter((one) => one.user === user).map(({ verb }) => verb))].sort();

beforeAll(async () => {
  cluster = await MetallbCluster.start();
  // As MetalLB gives them: not the lowest, and one from a pool that is not for everybody.
  for (const [name, ip, pool] of [
    ["web", "192.168.1.247", "first"],
    ["dns", "192.168.1.241", "first"],
    ["mail", "192.168.2.7", "second"],
  ] as const) {
    await cluster.service(name);
    await cluster.assign(name, ip, pool, winnerOf(ip));
  }
});

afterAll(() => cluster?.stop());

describe("metallb check upgrade", () => {
  test("finds nothing to act upon, and asks by get and list alone", async () => {
    const client = await cluster.connect(await cluster.account("upgrader", ["system:masters"]));
    const findings = await checkUpgrade(client, namespace);
    expect(findings.filter((each) => verdictOf(each) === "act")).toEqual([]);
    expect(findings).toContainEqual({ code: "service.ok", values: { count: 3 } });
    expect(findings).toContainEqual({ code: "config.ok", values: { count: 3 } });
    expect(codes(findings)).toContain("metallb.version");
    expect(verbsOf("upgrader")).toEqual(["get", "list"]);
  });

  test("as a command ends with 0 where there is nothing to act upon, and with 1 where there is", async () => {
    const kubeconfig = await cluster.account("admin", ["system:masters"]);
    const run = async (...more: string[]) => {
      const main = `${import.meta.dir}/../../main.ts`;
      const child = Bun.spawn(
        [process.execPath, main, "check", "upgrade", "--kubeconfig", kubeconfig, ...more],
        {
          stdout: "pipe",
          stderr: "pipe",
          env: { PATH: process.env.PATH ?? "", LANG: "C" },
        },
      );
      return { text: await new Response(child.stdout).text(), code: await child.exited };
    };
    const [fine, elsewhere] = await Promise.all([run("--json"), run("--namespace", "default")]);
    expect(fine.code).toBe(0);
    expect(JSON.parse(fine.text)).toMatchObject({ namespace, counts: { act: 0 } });
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.text).toContain(
      "✗ must act  metallb: no MetalLB in namespace default, but in metallb-system",
    );
  }, 20_000);

  test("names what it may not read, and does not fail of it", async () => {
    const client = await cluster.connect(await cluster.account("nobody"));
    const findings = await checkUpgrade(client, namespace);
    const unread = findings.filter(({ code }) => code === "unread.refused").map(({ values }) => values.what);
    expect(unread).toContain("services");
    expect(unread).toContain("customresourcedefinitions");
    expect(codes(findings)).toContain("config.unread");
    expect(codes(findings)).not.toContain("metallb.absent");
    expect(codes(findings)).not.toContain("service.ok");
  });
});

describe("metallb controller --shadow", () => {
  test("follows MetalLB, tells what it would do otherwise, and writes nothing at all", async () => {
    // It may do what the example's Roles allow, and by these nothing can be written.
    await cluster.applyRights(`${import.meta.dir}/../../docs/examples/migration/shadow.yaml`);
    const account = await cluster.account(shadowUser);
    const before = await cluster.versions();
    const shadow = await cluster.controller(account, {
      isShadow: true,
      // All that a controller writes is asked for, and none of it happens.
      memberlistSecret: { secretName: "memberlist", deployment: "controller" },
      leaderElection: { leaseMs: 15_000 },
      webhooks: {
        hostname: "127.0.0.1",
        port: 0,
        serviceName: "s",
        secretName: "metallb-webhook-cert",
        policy: { minVersion: 0x0304 },
      },
    });
    const report = async (path = "shadow") => {
      const headers = { Authorization: "Bearer token-of-admin" };
      return (await fetch(`http://127.0.0.1:${shadow.port}/api/v1/${path}`, { headers })).json();
    };
    const until = (what: string, isSo: (report: ShadowReport) => boolean) =>
      eventually(what, 20_000, async () => {
        const found = (await report()) as ShadowReport;
        return isSo(found) && found;
      });
    const calm = await until("it has compared", ({ comparedAt }) => comparedAt !== undefined);
    expect(calm).toMatchObject({ services: 3, changes: [], elections: 3, otherAnnouncers: [] });
    expect(await cluster.versions()).toEqual(before);

    // The page of a Service shows what MetalLB does: the address, and who announces it.
    const web = await eventually("the speakers' own words are read", 5_000, async () => {
      const row = (await report("services/default/web")) as { announcers?: unknown[]; addresses?: string[] };
      return row.announcers?.length === 1 && row;
    });
    expect(web).toMatchObject({
      addresses: ["192.168.1.247"],
      announcers: [{ node: winnerOf("192.168.1.247"), protocol: "layer2" }],
    });

    // An address that no pool has, and an announcer that the election does not name.
    const other = nodes.find((node) => node !== winnerOf("192.168.1.250"));
    for (const name of ["stray", "elsewhere"]) await cluster.service(name);
    await cluster.assign("stray", "10.9.9.9", "gone");
    await cluster.assign("elsewhere", "192.168.1.250", "first", other);
    const planted = await cluster.versions();
    const told = await until(
      "both differences have lasted",
      ({ changes, otherAnnouncers }) => changes.length > 0 && otherAnnouncers.length > 0,
    );
    expect(told.changes).toMatchObject([
      {
        service: "default/stray",
        kind: "moves",
        has: { addresses: ["10.9.9.9"], pool: "gone" },
        wants: { addresses: ["192.168.1.240"], pool: "first" },
        why: { text: expect.stringContaining("10.9.9.9") },
      },
    ]);
    expect(told.otherAnnouncers).toMatchObject([
      { service: "default/elsewhere", has: [other], wants: winnerOf("192.168.1.250") },
    ]);

    // Ours gives the lowest free address; what was given stays, and is told of as history.
    expect(told.choices).toContainEqual(
      expect.objectContaining({
        service: "default/elsewhere",
        has: { addresses: ["192.168.1.250"], pool: "first" },
      }),
    );

    expect(await cluster.versions()).toEqual(planted);
    await shadow.stop();
    for (const name of ["stray", "elsewhere"])
      await cluster.admin.remove(resources.services, name, "default");
    await cluster.admin.remove(resources.serviceL2Statuses, "l2-elsewhere", namespace);

    // Of whoever looks at a page the API server is asked; everything else that was asked was a read.
    const reviews = ["tokenreviews", "subjectaccessreviews"];
    const wrote = cluster.asked.filter(
      ({ user, verb, resource }) =>
        user === shadowUser && !["get", "list", "watch"].includes(verb) && !reviews.includes(resource),
    );
    expect(wrote).toEqual([]);
    expect(verbsOf(shadowUser)).toContain("watch");
    // Nor was it refused anything: the Roles are enough.
    expect(cluster.asked.filter(({ user, isAllowed }) => user === shadowUser && !isAllowed)).toEqual([]);
  }, 40_000);
});

describe("taking over, and going back", () => {
  test("no Service's status changes, a new one is served, and MetalLB can read what is left", async () => {
    const before = await cluster.held();
    const ours = await cluster.controller(await cluster.account("ours", ["system:masters"]), {});
    await cluster.service("new");
    await eventually("the new Service has an address", 10_000, async () => {
      const { new: fresh } = (await cluster.held()) as { new?: { loadBalancer?: { ingress?: unknown[] } } };
      return fresh?.loadBalancer?.ingress?.length === 1;
    });
    const { new: fresh, ...others } = await cluster.held();
    expect(others).toEqual(before);
    // In MetalLB's words: an address, and the pool it is from.
    expect(fresh).toMatchObject({
      annotations: { "metallb.io/ip-allocated-from-pool": "first" },
      loadBalancer: { ingress: [{ ip: "192.168.1.240" }] },
    });
    await ours.stop();

    // Back: MetalLB's controller finds every address in the status, each in the pool that the annotation names.
    const after = await cluster.held();
    expect(after).toEqual({ ...before, new: fresh });
    const findings = await checkUpgrade(cluster.admin, namespace);
    expect(findings.filter((each) => verdictOf(each) === "act")).toEqual([]);
    expect(findings).toContainEqual({ code: "service.ok", values: { count: 4 } });
    // Nothing but the new Service was written, by the audit log: its status, and what belongs to the controller itself.
    const statuses = cluster.asked.filter(
      ({ user, verb, resource }) => user === "ours" && verb === "patch" && resource === "services/status",
    );
    expect(statuses).toHaveLength(1);
  }, 30_000);
});
