/** docs/examples/migration as an administrator applies it over an installed MetalLB, with an unmodified kubectl. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { metallbController, metallbSpeaker, namespace } from "#cli/check/upgrade/fixtures.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const overlay = `${import.meta.dir}/../../docs/examples/migration`;

describe.skipIf(!hasKubectl)(`the migration's manifests${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  let cluster: ApiOnLoopback;
  const imageOf = (workload: string) =>
    cluster.run(`-n ${namespace} get ${workload} -o jsonpath='{.spec.template.spec.containers[*].image}'`);

  /** Asked of the API's own authoriser, for the speaker's ServiceAccount. */
  const maySpeaker = async (verb: string, resource: string, inside?: string) => {
    const answer = await cluster.fetch("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      method: "POST",
      body: JSON.stringify({
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user: `system:serviceaccount:${namespace}:speaker`,
          resourceAttributes: { verb, resource, group: "", ...(inside && { namespace: inside }) },
        },
      }),
    });
    return ((await answer.json()) as { status?: { allowed?: boolean } }).status?.allowed;
  };

  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
    await cluster.run(`create namespace ${namespace}`);
    for (const object of [metallbController(), metallbSpeaker()]) {
      await cluster.run("apply -f -", JSON.stringify(object));
    }
  });
  afterAll(() => cluster?.stop());

  test("a shadow is installed beside MetalLB, and the webhooks' Service does not choose its Pods", async () => {
    await cluster.run(`apply -f ${overlay}/shadow.yaml`);
    const labels = await cluster.run(
      `-n ${namespace} get deployment/metallb-shadow -o jsonpath='{.spec.template.metadata.labels}'`,
    );
    expect(JSON.parse(labels)).toEqual({ app: "metallb-shadow" });
    expect(await imageOf("deployment/controller")).toBe("quay.io/metallb/controller:v0.15.3");
  });

  test("the first step takes the controller and leaves the speakers, with their rights", async () => {
    await cluster.run(`apply -k ${overlay} -l component!=speaker`);
    expect(await imageOf("deployment/controller")).toContain("metallb-ts");
    expect(await imageOf("daemonset/speaker")).toBe("quay.io/metallb/speaker:v0.15.3");
    // Rights that only MetalLB's speaker asks for.
    expect(await maySpeaker("watch", "namespaces")).toBe(true);
    expect(await maySpeaker("list", "configmaps", namespace)).toBe(true);
  });

  test("the second step takes the DaemonSet, and no Pod before somebody deletes it", async () => {
    await cluster.run(`apply -k ${overlay}`);
    expect(await imageOf("daemonset/speaker")).toContain("metallb-ts");
    const strategy = await cluster.run(
      `-n ${namespace} get daemonset/speaker -o jsonpath='{.spec.updateStrategy.type}'`,
    );
    expect(strategy).toBe("OnDelete");
  });

  test("back: replacing puts MetalLB's DaemonSet there as it was", async () => {
    await cluster.run("replace -f -", JSON.stringify(metallbSpeaker()));
    expect(await imageOf("daemonset/speaker")).toBe("quay.io/metallb/speaker:v0.15.3");
  });

  test("afterwards the rights of MetalLB's speakers go", async () => {
    await cluster.run(`delete -f ${overlay}/rights.yaml`);
    expect(await maySpeaker("watch", "namespaces")).toBe(false);
    expect(await maySpeaker("watch", "nodes")).toBe(true);
  });
});
