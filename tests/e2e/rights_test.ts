/**
 * What the Roles of k8s/manifests allow is what controller and speakers were seen to ask for: a right that is missing
 * fails this test, and one that nobody uses fails it too.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp, demo, firstPool, l2Advertisement } from "./support/manifests.ts";

const lacking = missing("bird");
const title = `rights of controller and speakers${lacking ? ` (needs ${lacking})` : ""}`;
const rolesFile = join(import.meta.dir, "..", "..", "k8s", "manifests", "base", "rbac.yaml");

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { resource: string; subresource?: string; apiGroup?: string };
  annotations: Record<string, string>;
}

const components = ["controller", "speaker"] as const;

/** `verb group/resource` of every rule in the roles that are named after the component. */
function allowed(component: string): Set<string> {
  const roles = parseAllDocuments(readFileSync(rolesFile, "utf8"))
    .map((document) => document.toJS())
    .filter(({ kind, metadata }) => kind.endsWith("Role") && metadata.name.endsWith(component));
  const rules: Rule[] = roles.flatMap((role) => role.rules);
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    ),
  );
}

describe.skipIf(lacking !== undefined)(title, () => {
  let cluster: TestCluster;
  let log: string;
  beforeAll(async () => {
    log = join(import.meta.dir, `.audit-${process.pid}.log`);
    cluster = await TestCluster.start({ flags: ["--audit-log", log] });
  }, 90_000);
  afterAll(async () => {
    await cluster?.stop();
    await Bun.file(log).delete();
  });

  function audited(): AuditEvent[] {
    const lines = readFileSync(log, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  }

  function asked(component: string, decision: string): Set<string> {
    const events = audited().filter(
      ({ user, objectRef, annotations }) =>
        user.username === `system:serviceaccount:metallb-system:${component}` &&
        objectRef !== undefined &&
        annotations["authorization.k8s.io/decision"] === decision,
    );
    return new Set(
      events.map(({ verb, objectRef }) => {
        const { apiGroup = "", resource = "", subresource } = objectRef ?? {};
        return `${verb} ${apiGroup}/${resource}${subresource ? `/${subresource}` : ""}`;
      }),
    );
  }

  test("all of them are needed, and none is missing", async () => {
    await cluster.apply(firstPool);
    await cluster.apply(l2Advertisement);
    await cluster.apply(bgp);
    // A pool's annotation is written for a Service that reserves its address; an event that comes again is patched.
    await cluster.apply(service("reserved", { "metallb.io/reserve": "true" }));
    await cluster.apply(service("outside", { "metallb.io/loadBalancerIPs": "10.0.0.1" }));
    await cluster.apply(demo);
    await cluster.apply(service("over-bgp", { "metallb.io/address-pool": "bgp-pool" }));
    await eventually("the router has its peers written down", async () =>
      (await cluster.kubectl("get", "servicebgpstatuses", "-A", "-o", "yaml")).includes("over-bgp"),
    );
    await eventually("the addresses are there", async () =>
      /192\.168\.1\.\d+ +80:/.test(await cluster.kubectl("get", "service", "metallb-demo")),
    );
    await cluster.kubectl(
      "annotate",
      "service",
      "outside",
      "--overwrite",
      "metallb.io/loadBalancerIPs=10.0.0.2",
    );
    await cluster.kubectl(
      "annotate",
      "service",
      "outside",
      "--overwrite",
      "metallb.io/loadBalancerIPs=10.0.0.1",
    );
    // Announced again by the same node: the same event, once more.
    await cluster.kubectl("scale", "deployment", "metallb-demo", "--replicas=0");
    await eventually(
      "nobody announces it",
      async () =>
        !(await cluster.kubectl("get", "servicel2statuses", "-A", "-o", "yaml")).includes("metallb-demo"),
    );
    await cluster.kubectl("scale", "deployment", "metallb-demo", "--replicas=1");
    await eventually("it is announced again", async () =>
      (await cluster.kubectl("get", "servicel2statuses", "-A", "-o", "yaml")).includes("metallb-demo"),
    );
    // Whoever logs in is asked of the API server, and so is whoever reads a speaker's state: the controller.
    await fetch(cluster.loginUrl);
    // The definition asks for the webhook as the manifests do: then it is told whom to trust.
    await cluster.kubectl("patch", "crd", "bgppeers.metallb.io", "--type=merge", "-p", conversion);
    // A certificate that is gone is made anew at the next start.
    await cluster.kubectl("delete", "secret", "-n", "metallb-system", "metallb-webhook-cert");
    await cluster.kubectl("delete", "pod", "-n", "metallb-system", "-l", "component=controller");
    // What is announced no more has no status any more.
    await cluster.kubectl("delete", "service", "reserved", "outside", "metallb-demo", "over-bgp");
    await cluster.kubectl("delete", "bgppeer", "-n", "metallb-system", "router");
    const unused = () =>
      components.flatMap((component) => {
        const used = asked(component, "allow");
        return [...allowed(component)]
          .filter((right) => !used.has(right))
          .map((right) => `${component}: ${right}`);
      });
    await eventually("every right was used", () => unused().length === 0, 30_000).catch(() => {});
    expect(unused()).toEqual([]);
    for (const component of components) expect([...asked(component, "forbid")]).toEqual([]);
  }, 120_000);
});

function service(name: string, annotations: Record<string, string>): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, annotations },
    spec: { type: "LoadBalancer", selector: { app: "metallb-demo" }, ports: [{ port: 80 }] },
  });
}

const conversion = JSON.stringify({
  spec: {
    conversion: {
      strategy: "Webhook",
      webhook: {
        conversionReviewVersions: ["v1"],
        clientConfig: {
          service: { name: "metallb-webhook-service", namespace: "metallb-system", path: "/convert" },
        },
      },
    },
  },
});
