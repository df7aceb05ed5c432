import { describe, expect, test } from "bun:test";
import { RestClient } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import { ManualClock, settle } from "./testing/mod.ts";
import { KubeError, resources } from "./types.ts";

interface Call {
  url: string;
  init: BunFetchRequestInit & { headers: Record<string, string>; tls?: unknown; timeout?: unknown };
}

const credentials: Credentials = {
  server: "https://api.example:6443",
  access: async () => ({ tls: { ca: "CA" }, headers: { Authorization: "Bearer t" } }),
};

/** A client whose `fetch` answers from a script, one entry a request. */
function scripted(...answers: ((call: Call) => Response | Promise<Response>)[]) {
  const calls: Call[] = [];
  const measured: string[] = [];
  const clock = new ManualClock();
  const client = new RestClient({
    credentials,
    userAgent: "metallb/test",
    clock,
    observe: (verb, resource, code) => measured.push(`${verb} ${resource} ${code}`),
    fetch: async (url, init) => {
      const call = { url, init } as Call;
      calls.push(call);
      const answer = answers[calls.length - 1];
      if (!answer) throw new Error(`The script has no answer for ${url}`);
      return answer(call);
    },
  });
  return { client, calls, clock, measured };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}) {
  return () => Response.json(body, { status, headers });
}

function service(name: string, resourceVersion: string) {
  return { metadata: { name, namespace: "default", resourceVersion } };
}

function stream(...chunks: string[]) {
  return () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
          controller.close();
        },
      }),
    );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const watchOptions = () => ({ signal: new AbortController().signal, timeoutSeconds: 300 });

describe("RestClient", () => {
  test("list() follows the continue tokens and fills in what typed lists leave out", async () => {
    const { client, calls, measured } = scripted(
      json({ metadata: { resourceVersion: "9", continue: "more&1" }, items: [service("a", "1")] }),
      json({ metadata: { resourceVersion: "9" }, items: [service("b", "2")] }),
    );
    const { items, resourceVersion } = await client.list(resources.services, { labelSelector: "app=x" });
    expect(items.map((item) => `${item.apiVersion} ${item.kind} ${item.metadata.name}`)).toEqual([
      "v1 Service a",
      "v1 Service b",
    ]);
    expect(resourceVersion).toBe("9");
    expect(calls.map((call) => call.url)).toEqual([
      "https://api.example:6443/api/v1/services?labelSelector=app%3Dx&limit=500",
      "https://api.example:6443/api/v1/services?labelSelector=app%3Dx&limit=500&continue=more%261",
    ]);
    expect(measured).toEqual(["LIST services 200", "LIST services 200"]);
  });

  test("list() begins again when its continue token has expired", async () => {
    const { client, calls } = scripted(
      json({ metadata: { resourceVersion: "9", continue: "old" }, items: [service("a", "1")] }),
      json({ kind: "Status", code: 410, reason: "Expired", message: "the continue token is too old" }, 410),
      json({ metadata: { resourceVersion: "12" }, items: [service("b", "11")] }),
    );
    const { items, resourceVersion } = await client.list(resources.services);
    expect(items.map((item) => item.metadata.name)).toEqual(["b"]);
    expect(resourceVersion).toBe("12");
    expect(calls).toHaveLength(3);
  });

  test("every request carries token, CA, agent and a time limit; only a watch has none", async () => {
    const { client, calls } = scripted(json(service("a", "1")), stream());
    await client.get(resources.services, "a", "default");
    await collect(client.watch(resources.services, "1", watchOptions()));
    const [get, watch] = calls;
    expect(get?.url).toBe("https://api.example:6443/api/v1/namespaces/default/services/a");
    expect(get?.init.headers).toMatchObject({ Authorization: "Bearer t", "User-Agent": "metallb/test" });
    expect(get?.init.tls).toEqual({ ca: "CA" });
    expect(get?.init.signal).toBeInstanceOf(AbortSignal);
    expect(get?.init.timeout).toBeUndefined();
    expect(watch?.init.timeout).toBe(false);
    expect(watch?.url).toBe(
      "https://api.example:6443/api/v1/services?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=1",
    );
  });

  test("a write with limits tells the server of its time, and is asked for leave when it would go out", async () => {
    const { client, calls } = scripted(json({}), json({}), json({}));
    const limits = { timeoutMs: 5_000 };
    await client.create(resources.services, service("a", "1"), limits);
    await client.patch(resources.services, { name: "a", namespace: "default" }, "merge", {}, limits);
    await client.remove(resources.services, "a", "default", limits);
    expect(calls.map(({ url }) => new URL(url).search)).toEqual(Array(3).fill("?timeout=5000ms"));
    const refused = new AbortController();
    const mayGo = () => {
      refused.abort();
      throw new Error("not the leader");
    };
    const failure = client.create(resources.services, service("b", "1"), { signal: refused.signal, mayGo });
    expect(await failure.catch(String)).toBe("Error: not the leader");
    expect(calls).toHaveLength(3);
  });

  test("patch() of a status sends the media type and the subresource's path", async () => {
    const { client, calls, measured } = scripted(json(service("a", "2")));
    const target = { name: "a", namespace: "default", subresource: "status" as const };
    await client.patch(resources.services, target, "merge", { status: {} }, { fieldManager: "metallb" });
    expect(calls[0]?.url).toEndWith("/namespaces/default/services/a/status?fieldManager=metallb");
    expect(calls[0]?.init.method).toBe("PATCH");
    expect(calls[0]?.init.headers["Content-Type"]).toBe("application/merge-patch+json");
    expect(measured).toEqual(["PATCH services/status 200"]);
  });

  test("a Status object becomes a KubeError; an answer that is none is quoted", async () => {
    const { client } = scripted(
      json({ kind: "Status", code: 409, reason: "Conflict", message: "it was modified" }, 409),
      () => new Response("<html>Bad Gateway</html>", { status: 502 }),
    );
    const conflict = await client.get(resources.nodes, "n").catch((error: unknown) => error);
    expect(conflict).toBeInstanceOf(KubeError);
    expect(conflict).toMatchObject({ code: 409, reason: "Conflict", message: "it was modified" });
    const proxy = await client.get(resources.nodes, "n").catch((error: unknown) => error);
    expect(proxy).toMatchObject({ code: 502, message: "<html>Bad Gateway</html>" });
  });

  test("a network failure names the server and the cause", async () => {
    const { client, measured } = scripted(() => {
      throw Object.assign(new TypeError("Was there a typo in the url or port?"), { code: "ECONNREFUSED" });
    });
    const failure = await client.get(resources.nodes, "n").catch((error: unknown) => error);
    expect(String(failure)).toBe("Error: Cannot reach the API server https://api.example:6443: ECONNREFUSED");
    expect(measured).toEqual(["GET nodes error"]);
  });

  test("429 with Retry-After is asked again after that time, and not for ever", async () => {
    const busy = json({ code: 429, reason: "TooManyRequests", message: "slow down" }, 429, {
      "Retry-After": "2",
    });
    const { client, calls, clock } = scripted(busy, json(service("a", "1")), busy, busy, busy, busy);
    const answer = client.get(resources.services, "a", "default");
    await clock.advance(1_999);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect((await answer).metadata.name).toBe("a");
    const refused = client.get(resources.services, "a", "default").catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await refused).toMatchObject({ code: 429, retryAfterMs: 2_000 });
    expect(calls).toHaveLength(6);
  });

  test("watch() reads events across chunk borders and skips empty lines", async () => {
    const one = JSON.stringify({ type: "ADDED", object: service("ä", "3") });
    const two = JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "7" } } });
    const bytes = new TextEncoder().encode(`\n${one}\n\n${two}\n`);
    const { client } = scripted(
      () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start(controller) {
              for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
              controller.close();
            },
          }),
        ),
    );
    let opened = 0;
    const events = await collect(
      client.watch(resources.services, "1", { ...watchOptions(), onOpen: () => opened++ }),
    );
    expect(events.map((event) => `${event.type} ${event.object.metadata.name}`)).toEqual([
      "ADDED ä",
      "BOOKMARK undefined",
    ]);
    expect(opened).toBe(1);
  });

  test.each([
    ['{"type":"ADDED","object":{"metadata":{"na', "ended inside a line"],
    ["{broken}\n", "Cannot parse a line"],
    ['{"type":"RENAMED","object":{"metadata":{}}}\n', "not an event of a known type"],
    ['{"type":"ADDED","object":7}\n', "not an event of a known type"],
  ])("watch() refuses %p", async (text, words) => {
    const { client } = scripted(stream(text));
    const failure = await collect(client.watch(resources.services, "1", watchOptions())).catch(String);
    expect(failure).toContain(words);
  });

  test("an ERROR event is the Status that it carries", async () => {
    const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
    const { client } = scripted(stream(`${JSON.stringify({ type: "ERROR", object: status })}\n`));
    const failure = await collect(client.watch(resources.services, "1", watchOptions())).catch(
      (e: unknown) => e,
    );
    expect(failure).toMatchObject({ code: 410, reason: "Expired" });
  });

  test("every call is measured: answers by their code, and what was never answered as error", async () => {
    const lost = () => Promise.reject(new Error("the network is gone"));
    const broken = () => new Response("<html>log in</html>");
    const { client, measured } = scripted(lost, broken, json({ code: 404 }, 404), stream());
    for (let n = 0; n < 3; n++) await client.get(resources.nodes, "n").catch(() => {});
    await collect(client.watch(resources.nodes, "1", watchOptions()));
    expect(measured).toEqual(["GET nodes error", "GET nodes error", "GET nodes 404", "WATCH nodes 200"]);
  });

  test("credentials that cannot be read are a call that failed", async () => {
    const measured: string[] = [];
    const client = new RestClient({
      credentials: { ...credentials, access: () => Promise.reject(new Error("no such file")) },
      userAgent: "metallb/test",
      clock: new ManualClock(),
      observe: (verb, resource, code) => measured.push(`${verb} ${resource} ${code}`),
      fetch: () => Promise.reject(new Error("is not asked")),
    });
    expect(await client.get(resources.nodes, "n").catch(String)).toContain("no such file");
    expect(measured).toEqual(["GET nodes error"]);
  });

  test.each([
    ["get", 10, (client: RestClient) => client.get(resources.nodes, "n")],
    ["list", 30, (client: RestClient) => client.list(resources.nodes)],
    ["watch", 30, (client: RestClient) => collect(client.watch(resources.nodes, "1", watchOptions()))],
  ])("a %s that nobody answers ends after %p s", async (_, seconds, ask) => {
    const never = ({ init }: Call) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const { client, clock } = scripted(never);
    let failure = "";
    ask(client).catch((error: unknown) => {
      failure = String(error);
    });
    await clock.advance(seconds * 1_000 - 1);
    expect(failure).toBe("");
    await clock.advance(1);
    expect(failure).toBe(`Error: The API server https://api.example:6443 did not answer within ${seconds} s`);
    expect(clock.nextMs()).toBeUndefined();
  });

  test.each([0, -7 * 3_600_000, 7 * 3_600_000])(
    "a watch that is silent for two to three minutes ends with an error, the wall's clock set by %p ms",
    async (byMs) => {
      const { client, clock } = scripted((call) => {
        let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
        const body = new ReadableStream<Uint8Array>({
          start(opened) {
            controller = opened;
            opened.enqueue(new TextEncoder().encode("\n"));
          },
        });
        call.init.signal?.addEventListener("abort", () => controller?.error(new Error("aborted")));
        return new Response(body);
      });
      clock.setRandom(0.5);
      const failure = collect(client.watch(resources.services, "1", watchOptions())).catch(String);
      await clock.advance(60_000);
      clock.setWall(byMs);
      await clock.advance(89_999);
      let isOver = false;
      failure.then(() => {
        isOver = true;
      });
      await settle();
      expect(isOver).toBe(false);
      await clock.advance(1);
      expect(await failure).toContain("silent for 150 s");
      expect(clock.nextMs()).toBeUndefined();
    },
  );
});
