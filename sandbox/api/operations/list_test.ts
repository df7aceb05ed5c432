import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Body, type Caller, service, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

const servicesPath = "/api/v1/namespaces/default/services";

describe("list", () => {
  test("gives pages of one moment, and 410 for a token that is too old", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    for (const name of ["a", "b", "c", "d", "e"]) await call("POST", path, { metadata: { name } });
    const names = ({ body }: { body: Body }) => body.items.map((each) => each.metadata.name);
    const first = await call("GET", `${path}?limit=2`);
    expect(names(first)).toEqual(["a", "b"]);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    await call("DELETE", `${path}/c`);
    await call("POST", path, { metadata: { name: "bb" } });
    const second = await call("GET", `${path}?limit=2&continue=${first.body.metadata.continue}`);
    expect(names(second)).toEqual(["c", "d"]);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion as string);
    sandbox.advance(6 * 60_000);
    const late = await call("GET", `${path}?limit=2&continue=${second.body.metadata.continue}`);
    expect(late.body).toMatchObject({ code: 410, reason: "Expired" });
  });

  test("selects by labels and by the fields of the kind", async () => {
    await call("POST", servicesPath, service("one", { type: "LoadBalancer" }));
    await call("POST", servicesPath, { ...service("two"), metadata: { name: "two", labels: { app: "x" } } });
    const names = async (query: string) =>
      (await call("GET", `${servicesPath}?${query}`)).body.items.map((each) => each.metadata.name);
    expect(await names("labelSelector=app%20in%20(x,y)")).toEqual(["two"]);
    expect(await names("fieldSelector=spec.type%3DLoadBalancer")).toEqual(["one"]);
    expect(await names("fieldSelector=metadata.name%3Dtwo")).toEqual(["two"]);
  });

  test("answers as a Table or as metadata where asked", async () => {
    await call("POST", servicesPath, service("web", { type: "LoadBalancer" }));
    const table = await call("GET", servicesPath, undefined, undefined, {
      accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    });
    expect(table.body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(table.body.rows[1]?.cells.slice(0, 5)).toEqual([
      "web",
      "LoadBalancer",
      "10.96.1.0",
      "<pending>",
      "80:30000/TCP",
    ]);
    const metadata = await call("GET", servicesPath, undefined, undefined, {
      accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    });
    expect(metadata.body.kind).toBe("PartialObjectMetadataList");
    expect(metadata.body.items[0]).not.toHaveProperty("spec");
  });
});
