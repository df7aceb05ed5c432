import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandboxApi, DataFile } from "./mod.ts";
import { type Caller, caller, service, widgetDefinition } from "./testing.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mlbt-data-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** One run of the API on the file. Each begins a day after the one before. */
let day = 0;
async function run<Result>(act: (call: Caller) => Promise<Result>): Promise<Result> {
  day++;
  const dataFile = DataFile.open(join(directory, "data.db"));
  const now = Date.parse("2026-01-02T03:04:05Z") + day * 24 * 3_600_000;
  const api = createSandboxApi({ now: () => now, dataFile });
  api.addToken("secret", { username: "admin", groups: ["system:masters"] });
  try {
    return await act(caller(api, "secret"));
  } finally {
    api.close();
    dataFile.close();
  }
}

const services = "/api/v1/namespaces/default/services";

describe("the API on a data file", () => {
  test("has the same objects after a restart, to the byte, and writes nothing by itself", async () => {
    const snapshot = async (call: Caller) => {
      const paths = [
        "/api/v1/namespaces",
        "/api/v1/services",
        "/api/v1/serviceaccounts",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      ];
      return await Promise.all(paths.map(async (path) => (await call("GET", path)).body));
    };
    const before = await run(async (call) => {
      await call("POST", "/api/v1/namespaces", { metadata: { name: "x" } });
      await call("POST", services, service("web", { type: "LoadBalancer" }));
      return await snapshot(call);
    });
    expect(await run(snapshot)).toEqual(before);
  });

  test("clusterIPs and node ports that were given out stay taken", async () => {
    const given = await run(async (call) => {
      const { body } = await call("POST", services, service("web", { type: "NodePort" }));
      return body.spec as { clusterIP: string; ports: { nodePort: number }[] };
    });
    await run(async (call) => {
      const same = await call("POST", services, service("other", { clusterIP: given.clusterIP }));
      expect(same.body.message).toContain("provided IP is already allocated");
      const ports = [{ port: 80, nodePort: given.ports[0]?.nodePort }];
      const port = await call("POST", services, service("third", { type: "NodePort", ports }));
      expect(port.body.message).toContain("provided port is already allocated");
    });
  });

  test("custom kinds are served again with their objects", async () => {
    const widgets = "/apis/example.io/v1/namespaces/default/widgets";
    const uid = await run(async (call) => {
      await call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetDefinition());
      const made = await call("POST", widgets, { metadata: { name: "w" }, spec: { addresses: ["1.2.3.4"] } });
      return made.body.metadata.uid;
    });
    await run(async (call) => {
      expect((await call("GET", `${widgets}/w`)).body).toMatchObject({
        metadata: { uid },
        spec: { size: 3 },
      });
      const wrong = { metadata: { name: "v" }, spec: { addresses: [] } };
      expect((await call("POST", widgets, wrong)).status).toBe(422);
      await call("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.io");
      expect((await call("GET", widgets)).status).toBe(404);
    });
    await run(async (call) => expect((await call("GET", widgets)).status).toBe(404));
  });

  test("owners and their dependents are known again, and deletions that were under way go on", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const ownedBy = (name: string, uid: string | undefined, rest: object = {}) => ({
      metadata: { name, ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid }], ...rest },
    });
    await run(async (call) => {
      const { body } = await call("POST", path, { metadata: { name: "owner" } });
      await call("POST", path, ownedBy("dependent", body.metadata.uid));
      await call("POST", "/api/v1/namespaces", { metadata: { name: "x" } });
      const metadata = { name: "holds", finalizers: ["example.com/x"] };
      await call("POST", "/api/v1/namespaces/x/configmaps", { metadata });
      await call("DELETE", "/api/v1/namespaces/x");
    });
    await run(async (call) => {
      expect((await call("GET", `${path}/dependent`)).status).toBe(200);
      await call("DELETE", `${path}/owner`);
      expect((await call("GET", `${path}/dependent`)).status).toBe(404);
      const release = { metadata: { finalizers: [] } };
      await call("PATCH", "/api/v1/namespaces/x/configmaps/holds", release, "merge");
      expect((await call("GET", "/api/v1/namespaces/x")).status).toBe(404);
    });
  });

  test("a watch from the last resourceVersion goes on, one from before is told to list again", async () => {
    const last = await run(async (call) => {
      await call("POST", services, service("a"));
      return Number((await call("POST", services, service("b"))).body.metadata.resourceVersion);
    });
    await run(async (call) => {
      const old = `${services}?watch=true&resourceVersion=${last - 1}&timeoutSeconds=1`;
      expect((await call("GET", old)).body).toMatchObject({
        type: "ERROR",
        object: { code: 410, reason: "Expired" },
      });
      const next = await call("POST", services, service("c"));
      expect(Number(next.body.metadata.resourceVersion)).toBeGreaterThan(last);
    });
  });
});
