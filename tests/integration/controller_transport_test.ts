import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKubernetes, createInformer, type KubeObject, resources } from "#k8s/mod.ts";
import { type Certificates, createCertificates } from "#sandbox/api/mod.ts";
import { eventually } from "./controller_support.ts";

let directory = "";
let certificates: Certificates;
let strangers: Certificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mlbt-transport-"));
  const names = { names: ["localhost"], addresses: ["127.0.0.1"], now: new Date() };
  certificates = await createCertificates(names);
  strangers = await createCertificates(names);
});

afterAll(() => rm(directory, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");

async function connect(server: string, user: object, caPem?: string) {
  const kubeconfig = join(directory, `kubeconfig-${Bun.randomUUIDv7()}`);
  const cluster = { server, ...(caPem && { "certificate-authority-data": base64(caPem) }) };
  const config = {
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user }],
  };
  await Bun.write(kubeconfig, JSON.stringify(config));
  return (await connectKubernetes({ kubeconfig, userAgent: "metallb/test" })).client;
}

describe("TLS with real sockets", () => {
  function serveTls(clientCa?: string) {
    const seen: { authorization: string | null; agent: string | null }[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: {
        cert: certificates.certPem,
        key: certificates.keyPem,
        ...(clientCa && { requestCert: true, rejectUnauthorized: true, ca: clientCa }),
      },
      fetch(request) {
        seen.push({
          authorization: request.headers.get("Authorization"),
          agent: request.headers.get("User-Agent"),
        });
        return Response.json({ kind: "Node", metadata: { name: "n" } });
      },
    });
    return { seen, url: `https://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
  }

  test("a private CA is trusted, a foreign one is not, and the token arrives", async () => {
    const { seen, url, stop } = serveTls();
    const trusting = await connect(url, { token: "t0ken" }, certificates.caPem);
    expect((await trusting.get(resources.nodes, "n")).metadata.name).toBe("n");
    expect(seen).toEqual([{ authorization: "Bearer t0ken", agent: "metallb/test" }]);
    const mistrusting = await connect(url, { token: "t0ken" }, strangers.caPem);
    const failure = await mistrusting.get(resources.nodes, "n").catch(String);
    expect(failure).toStartWith(`Error: Cannot reach the API server ${url}: `);
    expect(seen).toHaveLength(1);
    await stop();
  });

  test.skipIf(Bun.which("openssl") === null)(
    "a client certificate opens a server that asks for one",
    async () => {
      const client = await selfSignedClient();
      const { url, stop } = serveTls(client.certPem);
      const user = {
        "client-certificate-data": base64(client.certPem),
        "client-key-data": base64(client.keyPem),
      };
      const known = await connect(url, user, certificates.caPem);
      expect((await known.get(resources.nodes, "n")).metadata.name).toBe("n");
      const anonymous = await connect(url, {}, certificates.caPem);
      expect(await anonymous.get(resources.nodes, "n").catch(() => "refused")).toBe("refused");
      await stop();
    },
  );

  async function selfSignedClient(): Promise<{ certPem: string; keyPem: string }> {
    const [key, cert] = [join(directory, "client.key"), join(directory, "client.crt")];
    const made = Bun.spawnSync([
      ...["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-days", "1", "-subj", "/CN=admin", "-addext", "extendedKeyUsage=clientAuth"],
      ...["-keyout", key, "-out", cert],
    ]);
    if (!made.success) throw new Error(`openssl: ${made.stderr}`);
    return { certPem: await Bun.file(cert).text(), keyPem: await Bun.file(key).text() };
  }
});

/** An HTTP server whose watches are cut in the middle: what an API server that dies leaves behind. */
class CuttingServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly watchesFrom: string[] = [];
  lists = 0;
  #watch: Socket | undefined;

  constructor(readonly node: (version: number) => KubeObject) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("data", (data) => this.#answer(socket, String(data).split(" ")[1] ?? ""));
    });
  }

  listen(port = 0): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(port, "127.0.0.1", () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  get hasWatch(): boolean {
    return this.#watch !== undefined;
  }

  /** Part of a watch's stream, as one chunk. */
  send(text: string): void {
    this.#watch?.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }

  /** Resets the connection of the watch. */
  cut(): void {
    this.#watch?.resetAndDestroy();
    this.#watch = undefined;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(socket: Socket, path: string): void {
    const url = new URL(path, "http://server");
    if (url.searchParams.get("watch") === "true") {
      this.watchesFrom.push(url.searchParams.get("resourceVersion") ?? "");
      socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n",
      );
      this.#watch = socket;
      return;
    }
    this.lists++;
    const body = JSON.stringify({ metadata: { resourceVersion: "10" }, items: [this.node(10)] });
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
}

describe("a watch over a real connection", () => {
  const node = (version: number): KubeObject => ({
    metadata: { name: "n", uid: "u", resourceVersion: String(version), labels: { version: String(version) } },
  });
  const event = (version: number) => `${JSON.stringify({ type: "MODIFIED", object: node(version) })}\n`;

  test("that is reset inside a line resumes from the last whole event, without a list", async () => {
    const server = new CuttingServer(node);
    const client = await connect(await server.listen(), {});
    const abort = new AbortController();
    const lines: string[] = [];
    const keep = (message: string, fields?: Record<string, unknown>) => {
      lines.push(`${message} ${fields?.error}`);
    };
    const informer = createInformer(client, {
      resource: resources.nodes,
      project: (object) => object.metadata.labels?.version,
      log: { debug: keep, info: keep, warn: keep, error: keep },
      signal: abort.signal,
    });
    await informer.whenSynced();
    await eventually("the watch stands", 2_000, async () => server.hasWatch && informer.connected);
    server.send(event(11));
    await eventually("the event is seen", 1_000, async () => informer.get("n") === "11");
    server.send(event(12).slice(0, 40));
    await Bun.sleep(50);
    server.cut();
    await eventually("the loss is seen", 1_000, async () => !informer.connected);
    expect(informer.get("n")).toBe("11");
    await eventually("the watch stands again", 2_000, async () => server.hasWatch && informer.connected);
    server.send(event(12));
    await eventually("nothing was missed", 1_000, async () => informer.get("n") === "12");
    expect(server.watchesFrom).toEqual(["10", "11"]);
    expect(server.lists).toBe(1);
    expect(lines[0]).toStartWith("lost the watch");
    abort.abort();
    await server.stop();
  });

  test("that ends with a broken line says so and lists anew", async () => {
    const server = new CuttingServer(node);
    const client = await connect(await server.listen(), {});
    const abort = new AbortController();
    const problems: (string | undefined)[] = [];
    const ignore = () => {};
    const informer = createInformer(client, {
      resource: resources.nodes,
      project: (object) => object.metadata.labels?.version,
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      signal: abort.signal,
    });
    informer.onConnection(() => problems.push(informer.lastError));
    await eventually("the watch stands", 2_000, async () => server.hasWatch && informer.connected);
    server.send("{not json}\n");
    await eventually("it is seen", 1_000, async () => problems.includes(undefined) && problems.length === 2);
    expect(problems[1]).toBe('Cannot parse a line of the watch: "{not json}"');
    await eventually(
      "it is there again",
      2_000,
      async () => server.watchesFrom.length === 2 && informer.connected,
    );
    expect(server.lists).toBe(2);
    abort.abort();
    await server.stop();
  });
});
