import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KubeError, resources } from "#k8s/mod.ts";
import { service, type TestApi, testApi } from "./testing.ts";

let sandbox: TestApi;

beforeEach(() => {
  sandbox = testApi();
});
afterEach(() => sandbox.api.close());

describe("the in-process client", () => {
  test("throws what HTTP answers", async () => {
    const failure = await sandbox.api.client
      .get(resources.services, "nope", "default")
      .catch((error) => error);
    expect(failure).toBeInstanceOf(KubeError);
    expect(failure).toMatchObject({ code: 404, reason: "NotFound", message: 'services "nope" not found' });
  });

  test("gives copies, and takes none of the caller's objects over", async () => {
    const mine = service("web");
    const created = await sandbox.api.client.create(resources.services, mine);
    created.metadata.labels = { changed: "yes" };
    expect(mine.metadata.uid).toBeUndefined();
    const read = await sandbox.api.client.get(resources.services, "web", "default");
    expect(read.metadata.labels).toBeUndefined();
  });

  test("watches from a list until aborted, and throws 410 for an old revision", async () => {
    const { resourceVersion } = await sandbox.api.client.list(resources.services);
    const controller = new AbortController();
    const options = { signal: controller.signal, timeoutSeconds: 60 };
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, object } of sandbox.api.client.watch(
        resources.services,
        resourceVersion,
        options,
      )) {
        seen.push(`${type} ${object.metadata.name}`);
        if (type === "DELETED") controller.abort();
      }
    })();
    await sandbox.api.client.create(resources.services, service("web"));
    await sandbox.api.client.remove(resources.services, "web", "default");
    await watching;
    expect(seen).toEqual(["ADDED web", "DELETED web"]);
    const old = sandbox.api.client.watch(resources.services, "1", {
      ...options,
      signal: new AbortController().signal,
    });
    expect(old[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 410 });
  });
});
