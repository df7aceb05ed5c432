import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { connect } from "node:tls";
import { resources } from "#k8s/mod.ts";
import { eventually } from "./harness/eventually.ts";
import { ApiOnLoopback } from "./sandbox_api_support.ts";

setDefaultTimeout(60_000);

interface Event {
  type: string;
  object: { metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> } };
}

/** Plain fetch clients on the sandbox API over TLS: what any informer is made of. */
describe("watches of the sandbox API over HTTPS", () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  const path = "/api/v1/namespaces/default/configmaps";
  const create = (name: string, labels: Record<string, string> = {}) =>
    cluster.api.client.create(
      { ...resources.services, plural: "configmaps", kind: "ConfigMap" },
      {
        metadata: { name, namespace: "default", labels },
      },
    );

  async function* eventsOf(query: string, signal: AbortSignal): AsyncGenerator<Event> {
    const response = await cluster.fetch(`${path}?watch=true&${query}`, { signal });
    expect(response.status).toBe(200);
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as Event;
    }
  }

  test("headers come at once, before the first event", async () => {
    const controller = new AbortController();
    const startMs = performance.now();
    const response = await cluster.fetch(`${path}?watch=true&resourceVersion=0`, {
      signal: controller.signal,
    });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(performance.now() - startMs).toBeLessThan(2_000);
    controller.abort();
  });

  test("list, then watch from its revision: nothing is missed, nothing comes twice", async () => {
    await create("before");
    const list = (await (await cluster.fetch(path)).json()) as { metadata: { resourceVersion: string } };
    const names = Array.from({ length: 50 }, (_, index) => `during-${index}`);
    const controller = new AbortController();
    const writing = (async () => {
      for (const name of names) await create(name);
    })();
    const seen: string[] = [];
    for await (const { object } of eventsOf(
      `resourceVersion=${list.metadata.resourceVersion}`,
      controller.signal,
    )) {
      seen.push(object.metadata.name ?? "");
      if (seen.length === names.length) break;
    }
    controller.abort();
    await writing;
    expect(seen).toEqual(names);
  });

  test("ends at its timeout with a bookmark of the latest revision", async () => {
    const events: Event[] = [];
    const query = "allowWatchBookmarks=true&timeoutSeconds=1&labelSelector=none%3Dsuch";
    for await (const event of eventsOf(query, AbortSignal.timeout(20_000))) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(["BOOKMARK"]);
    expect(Number(events[0]?.object.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  test("sendInitialEvents marks the end of what was there (KEP-3157)", async () => {
    const types: string[] = [];
    const query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    for await (const { type, object } of eventsOf(query, AbortSignal.timeout(20_000))) {
      types.push(type);
      if (object.metadata.annotations?.["k8s.io/initial-events-end"] === "true") break;
    }
    expect(types.at(-1)).toBe("BOOKMARK");
    expect(types.slice(0, -1).every((type) => type === "ADDED")).toBe(true);
    expect(types.length).toBeGreaterThan(2);
    const refused = await cluster.fetch(`${path}?watch=true&sendInitialEvents=true`);
    expect(refused.status).toBe(422);
  });

  test("an old revision is answered by an ERROR event with 410", async () => {
    for await (const event of eventsOf("resourceVersion=1", AbortSignal.timeout(20_000))) {
      expect(event).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    }
  });

  test("a watch of one object by its name", async () => {
    const controller = new AbortController();
    const watching = (async () => {
      const names: string[] = [];
      for await (const { type, object } of eventsOf(
        "fieldSelector=metadata.name%3Dwanted",
        controller.signal,
      )) {
        names.push(`${type} ${object.metadata.name}`);
        break;
      }
      return names;
    })();
    await create("unwanted");
    await create("wanted");
    expect(await watching).toEqual(["ADDED wanted"]);
    controller.abort();
  });

  test("an aborted watch leaves nothing behind in the server", async () => {
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController();
      const response = await cluster.fetch(`${path}?watch=true`, { signal: controller.signal });
      await response.body?.getReader().read();
      controller.abort();
    }
    await eventually("watches closed", () => cluster.api.openWatches === 0);
  });

  test("serves the same on a Unix socket with the same certificate, a quiet watch longer than Bun's idle time included", async () => {
    const socketPath = join(cluster.directory, "api.sock");
    const init = {
      unix: socketPath,
      tls: { ca: cluster.certificates.caPem },
      headers: { authorization: "Bearer sandbox-api-test-token" },
    };
    const version = await fetch("https://localhost/version", init);
    expect(version.status).toBe(200);
    const watch = await fetch(
      `https://localhost${path}?watch=true&timeoutSeconds=13&labelSelector=none%3Dsuch`,
      init,
    );
    const startMs = performance.now();
    await watch.text();
    expect(performance.now() - startMs).toBeGreaterThan(11_500);
  }, 30_000);

  test("shows a certificate that a client without its authority refuses", async () => {
    const refused = await fetch(`${cluster.server.url}/version`).catch((error: Error) => error);
    expect(refused).toBeInstanceOf(Error);
    const authorized = await new Promise<boolean>((resolve, reject) => {
      const socket = connect(
        {
          host: "127.0.0.1",
          port: cluster.server.port,
          servername: "localhost",
          ca: cluster.certificates.caPem,
        },
        () => {
          resolve(socket.authorized);
          socket.end();
        },
      ).on("error", reject);
    });
    expect(authorized).toBe(true);
  });
});
