import { afterEach, describe, expect, test } from "bun:test";
import { createSandboxApi, type SandboxApi } from "../api.ts";
import { caller } from "../testing.ts";

let api: SandboxApi;
afterEach(() => api.close());

function open(caPem?: string) {
  api = createSandboxApi({ now: () => Date.parse("2026-01-02T03:04:05Z"), caPem });
  api.addToken("secret", { username: "admin", groups: ["system:masters"] });
  return caller(api, "secret");
}

describe("namespaces", () => {
  test("each has its ServiceAccount and the authority's certificate, also after somebody deleted them", async () => {
    const call = open("PEM");
    await call("POST", "/api/v1/namespaces", { metadata: { name: "x" } });
    for (const namespace of ["default", "kube-system", "x"]) {
      const path = `/api/v1/namespaces/${namespace}`;
      const first = await call("GET", `${path}/serviceaccounts/default`);
      expect(first.status).toBe(200);
      await call("DELETE", `${path}/serviceaccounts/default`);
      const second = await call("GET", `${path}/serviceaccounts/default`);
      expect(second.status).toBe(200);
      expect(second.body.metadata.uid).not.toBe(first.body.metadata.uid as string);
      await call("DELETE", `${path}/configmaps/kube-root-ca.crt`);
      const { body } = await call("GET", `${path}/configmaps/kube-root-ca.crt`);
      expect(body.data).toEqual({ "ca.crt": "PEM" });
    }
    await call("DELETE", "/api/v1/namespaces/x");
    expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(404);
  });

  test("one in deletion says what it waits for, resource by resource and finalizer by finalizer", async () => {
    const call = open();
    await call("POST", "/api/v1/namespaces", { metadata: { name: "x" } });
    for (const name of ["a", "b"]) {
      const finalizers = name === "a" ? ["example.com/one", "example.com/two"] : ["example.com/one"];
      await call("POST", "/api/v1/namespaces/x/configmaps", { metadata: { name, finalizers } });
    }
    await call("DELETE", "/api/v1/namespaces/x");
    const conditions = async () =>
      ((await call("GET", "/api/v1/namespaces/x")).body.status as { conditions: object[] }).conditions;
    const lastTransitionTime = "2026-01-02T03:04:05Z";
    expect(await conditions()).toEqual([
      {
        type: "NamespaceDeletionDiscoveryFailure",
        status: "False",
        reason: "ResourcesDiscovered",
        message: "All resources successfully discovered",
        lastTransitionTime,
      },
      {
        type: "NamespaceDeletionGroupVersionParsingFailure",
        status: "False",
        reason: "ParsedGroupVersions",
        message: "All legacy kube types successfully parsed",
        lastTransitionTime,
      },
      {
        type: "NamespaceDeletionContentFailure",
        status: "False",
        reason: "ContentDeleted",
        message: "All content successfully deleted, may be waiting on finalization",
        lastTransitionTime,
      },
      {
        type: "NamespaceContentRemaining",
        status: "True",
        reason: "SomeResourcesRemain",
        message: "Some resources are remaining: configmaps. has 2 resource instances",
        lastTransitionTime,
      },
      {
        type: "NamespaceFinalizersRemaining",
        status: "True",
        reason: "SomeFinalizersRemain",
        message:
          "Some content in the namespace has finalizers remaining: example.com/one in 2 resource instances, example.com/two in 1 resource instances",
        lastTransitionTime,
      },
    ]);
    const release = (name: string) =>
      call("PATCH", `/api/v1/namespaces/x/configmaps/${name}`, { metadata: { finalizers: [] } }, "merge");
    await release("a");
    expect((await conditions())[3]).toMatchObject({
      message: "Some resources are remaining: configmaps. has 1 resource instances",
    });
    await release("b");
    expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(404);
  });

  test("one with a finalizer of its own goes when that is taken away", async () => {
    const call = open();
    const metadata = { name: "x", finalizers: ["example.com/mine"] };
    await call("POST", "/api/v1/namespaces", { metadata });
    await call("DELETE", "/api/v1/namespaces/x");
    expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(200);
    await call("PATCH", "/api/v1/namespaces/x", { metadata: { finalizers: [] } }, "merge");
    expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(404);
  });
});
