import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { type Caller, service, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

const servicesPath = "/api/v1/namespaces/default/services";

describe("delete", () => {
  test("answers Success, and 404 the second time", async () => {
    await call("POST", servicesPath, service("web"));
    const { body } = await call("DELETE", `${servicesPath}/web`);
    expect(body).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "web", kind: "services" },
    });
    expect((await call("DELETE", `${servicesPath}/web`)).status).toBe(404);
  });

  test("waits for finalizers, takes no new ones, and is over with the last", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    await call("POST", path, { metadata: { name: "a", finalizers: ["example.com/x"] } });
    const deleted = await call("DELETE", `${path}/a`);
    expect(deleted.body.metadata.deletionTimestamp).toBe("2026-01-02T03:04:05Z");
    const more = await call(
      "PATCH",
      `${path}/a`,
      { metadata: { finalizers: ["example.com/x", "example.com/y"] } },
      "merge",
    );
    expect(more.body.message).toContain("no new finalizers can be added if the object is being deleted");
    expect((await call("GET", `${path}/a`)).status).toBe(200);
    await call("PATCH", `${path}/a`, { metadata: { finalizers: null } }, "merge");
    expect((await call("GET", `${path}/a`)).status).toBe(404);
  });

  test("checks preconditions", async () => {
    await call("POST", servicesPath, service("web"));
    const { status, body } = await call("DELETE", `${servicesPath}/web`, { preconditions: { uid: "other" } });
    expect(status).toBe(409);
    expect(body.message).toContain("Precondition failed: UID in precondition: other");
  });

  test("deletes a selection", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    for (const name of ["a", "b", "c"]) {
      await call("POST", path, { metadata: { name, labels: { half: name < "c" ? "one" : "two" } } });
    }
    const { body } = await call("DELETE", `${path}?labelSelector=half%3Done`);
    expect(body.items).toHaveLength(2);
    expect((await call("GET", path)).body.items).toHaveLength(1);
  });

  test("a namespace takes its content along, and waits for what has finalizers", async () => {
    await call("POST", "/api/v1/namespaces", { metadata: { name: "x" } });
    await call("POST", "/api/v1/namespaces/x/services", { ...service("web") });
    await call("POST", "/api/v1/namespaces/x/configmaps", {
      metadata: { name: "a", finalizers: ["example.com/x"] },
    });
    await call("DELETE", "/api/v1/namespaces/x");
    expect((await call("GET", "/api/v1/namespaces/x")).body.status).toMatchObject({ phase: "Terminating" });
    expect((await call("GET", "/api/v1/namespaces/x/services/web")).status).toBe(404);
    const late = await call("POST", "/api/v1/namespaces/x/configmaps", { metadata: { name: "b" } });
    expect(late.status).toBe(403);
    expect(late.body.message).toContain("because it is being terminated");
    await call("PATCH", "/api/v1/namespaces/x/configmaps/a", { metadata: { finalizers: [] } }, "merge");
    expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(404);
  });

  test("dependents go with their owner; orphaned ones stay; foreground waits for those that block", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const own = async (name: string, owner: KubeObject, extra: object = {}) => {
      const reference = {
        apiVersion: "v1",
        kind: "ConfigMap",
        name: owner.metadata.name,
        uid: owner.metadata.uid,
      };
      const ownerReferences = [{ ...reference, blockOwnerDeletion: true }];
      return (await call("POST", path, { metadata: { name, ownerReferences, ...extra } })).body as KubeObject;
    };
    const exists = async (name: string) => (await call("GET", `${path}/${name}`)).status === 200;
    const make = async (name: string) =>
      (await call("POST", path, { metadata: { name } })).body as KubeObject;

    const background = await make("background");
    await own("grandchild", await own("child", background));
    await call("DELETE", `${path}/background`);
    expect([await exists("child"), await exists("grandchild")]).toEqual([false, false]);

    const orphaning = await make("orphaning");
    await own("orphan", orphaning);
    await call("DELETE", `${path}/orphaning`, { propagationPolicy: "Orphan" });
    expect([await exists("orphaning"), await exists("orphan")]).toEqual([false, true]);
    expect((await call("GET", `${path}/orphan`)).body.metadata.ownerReferences).toBeUndefined();

    const foreground = await make("foreground");
    await own("blocking", foreground, { finalizers: ["example.com/x"] });
    await call("DELETE", `${path}/foreground`, { propagationPolicy: "Foreground" });
    expect([await exists("foreground"), await exists("blocking")]).toEqual([true, true]);
    await call("PATCH", `${path}/blocking`, { metadata: { finalizers: null } }, "merge");
    expect([await exists("foreground"), await exists("blocking")]).toEqual([false, false]);

    await own("late", foreground);
    expect(await exists("late")).toBe(false);
  });
});
