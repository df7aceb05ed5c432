import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Caller, service, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

const servicesPath = "/api/v1/namespaces/default/services";

describe("update", () => {
  test("refuses a stale resourceVersion with 409 and keeps what only the server writes", async () => {
    const { body } = await call("POST", servicesPath, service("web"));
    const changed = { ...body, metadata: { ...body.metadata, labels: { a: "b" }, creationTimestamp: null } };
    const put = await call("PUT", `${servicesPath}/web`, changed);
    expect(put.status).toBe(200);
    expect(put.body.metadata.creationTimestamp).toBe(body.metadata.creationTimestamp as string);
    const stale = await call("PUT", `${servicesPath}/web`, changed);
    expect(stale.body).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        'Operation cannot be fulfilled on services "web": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test("a change that changes nothing writes nothing", async () => {
    const { body } = await call("POST", servicesPath, service("web"));
    const put = await call("PUT", `${servicesPath}/web`, body);
    expect(put.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion as string);
  });

  test("status is written by its subresource only, and the rest not by it", async () => {
    await call("POST", servicesPath, service("web", { type: "LoadBalancer" }));
    const status = { loadBalancer: { ingress: [{ ip: "192.168.1.240" }] } };
    const wrongDoor = await call("PATCH", `${servicesPath}/web`, { status }, "merge");
    expect(wrongDoor.body.status).toEqual({ loadBalancer: {} });
    const patch = { status, spec: { sessionAffinity: "ClientIP" }, metadata: { annotations: { a: "b" } } };
    const { body } = await call("PATCH", `${servicesPath}/web/status`, patch, "merge");
    expect(body.status).toEqual({ loadBalancer: { ingress: [{ ip: "192.168.1.240", ipMode: "VIP" }] } });
    expect((body.spec as { sessionAffinity: string }).sessionAffinity).toBe("None");
    expect(body.metadata.annotations).toEqual({ a: "b" });
  });

  test("generation counts changes of the spec", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
    const spec = { selector: { matchLabels: labels }, template };
    const { body } = await call("POST", path, { metadata: { name: "web" }, spec });
    expect(body.metadata.generation).toBe(1);
    expect(body.spec).toMatchObject({
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    });
    const generation = async (suffix: string, patch: object) =>
      (await call("PATCH", `${path}/web${suffix}`, patch, "merge")).body.metadata.generation;
    expect(await generation("", { metadata: { labels: { a: "b" } } })).toBe(1);
    expect(await generation("/status", { status: { replicas: 1 } })).toBe(1);
    expect(await generation("", { spec: { replicas: 3 } })).toBe(2);
    const scale = await call("PATCH", `${path}/web/scale`, { spec: { replicas: 5 } }, "merge");
    expect(scale.body).toMatchObject({
      kind: "Scale",
      spec: { replicas: 5 },
      status: { replicas: 1, selector: "app=web" },
    });
  });
});
