import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Caller, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

describe("events", () => {
  test("are forgotten an hour after they were last written", async () => {
    const path = "/api/v1/namespaces/default/events";
    const about = { kind: "Service", name: "web", namespace: "default" };
    for (const name of ["old", "renewed"]) {
      await call("POST", path, { metadata: { name }, involvedObject: about, count: 1 });
    }
    sandbox.advance(30 * 60_000);
    await call("PATCH", `${path}/renewed`, { count: 2 }, "merge");
    sandbox.advance(31 * 60_000);
    const names = (await call("GET", path)).body.items.map((each) => each.metadata.name);
    expect(names).toEqual(["renewed"]);
  });

  test("show one store by both groups", async () => {
    const event = {
      metadata: { name: "e" },
      involvedObject: { kind: "Service", name: "web", namespace: "default" },
      reason: "IPAllocated",
      message: "Assigned",
      type: "Normal",
      source: { component: "metallb-controller" },
      count: 2,
    };
    await call("POST", "/api/v1/namespaces/default/events", event);
    const { body } = await call("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e");
    expect(body).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      note: "Assigned",
      regarding: { name: "web" },
      deprecatedCount: 2,
    });
    expect(body.message).toBeUndefined();
    const query = "fieldSelector=involvedObject.name%3Dweb,reason%3DIPAllocated";
    const list = await call("GET", `/api/v1/namespaces/default/events?${query}`);
    expect(list.body.items).toHaveLength(1);
  });
});
