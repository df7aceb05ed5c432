import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSandboxApi, type SandboxApi } from "../api.ts";
import { type Certificates, createCertificates } from "../certificates.ts";
import { type ServingSandboxApi, serveSandboxApi } from "../serve.ts";
import {
  type ContainerLog,
  type Execution,
  type LogLine,
  type PodConnection,
  type PodRuntime,
  RuntimeError,
} from "./mod.ts";

const at = (second: number) => `2026-01-02T03:04:0${second}.000000000Z`;
const line = (second: number, words: string): LogLine => ({
  at: at(second),
  stream: "stdout",
  text: Buffer.from(words),
});

/** Programs: `cat` gives back its input, `fail` writes to both outputs and ends with 3, `sh` is not there. */
const runtime: PodRuntime = {
  async log({ container }, previous): Promise<ContainerLog | undefined> {
    if (previous) return undefined;
    return {
      lines: [line(1, "one"), line(2, "two"), line(3, `three of ${container}`)],
      async *follow() {
        yield line(4, "four");
      },
    };
  },
  async exec(_of, [program]): Promise<Execution> {
    if (program === "cat") return cat();
    if (program !== "fail") throw new RuntimeError(`exec: "${program}": executable file not found in $PATH`);
    return {
      stdout: new Response("out\nput\n").body ?? new ReadableStream(),
      stderr: new Response("err").body ?? new ReadableStream(),
      stdin: { write() {}, end() {} },
      ended: Promise.resolve(3),
      abandon() {},
    };
  },
  attach: async () => cat(),
  dial: async (): Promise<PodConnection> => {
    throw new RuntimeError("connection refused");
  },
};

function cat(): Execution {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  return {
    stdout: readable,
    stderr: new ReadableStream({ start: (controller) => controller.close() }),
    stdin: {
      write: (bytes) => void writer.write(bytes),
      end: () => void writer.close().then(() => resolve(0)),
    },
    ended,
    abandon: () => resolve(137),
  };
}

let api: SandboxApi;
let server: ServingSandboxApi;
let certificates: Certificates;
const audited: string[] = [];

const pod = (name: string, containers: string[], node = "node1") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { nodeName: node, containers: containers.map((each) => ({ name: each, image: "x" })) },
});

beforeAll(async () => {
  certificates = await createCertificates({
    names: ["localhost"],
    addresses: ["127.0.0.1"],
    now: new Date(),
  });
  api = createSandboxApi({
    now: Date.now,
    podRuntime: runtime,
    audit: (user, attributes, isAllowed) => {
      if ("path" in attributes || attributes.subresource === "") return;
      const { verb, resource, subresource } = attributes;
      audited.push(`${user.username} ${verb} ${resource}/${subresource} ${isAllowed}`);
    },
  });
  api.addToken("admin", { username: "admin", groups: ["system:masters"] });
  api.addToken("reader", { username: "reader", groups: [] });
  server = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, certificate: certificates });
  for (const object of [pod("one", ["main"]), pod("two", ["main", "side"]), pod("waiting", ["main"], "")]) {
    const { status } = await call("POST", "/api/v1/namespaces/default/pods", "admin", JSON.stringify(object));
    expect(status).toBe(201);
  }
  const rules = [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get"] }];
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
  await call("POST", `${rbac}/roles`, "admin", JSON.stringify({ metadata: { name: "reader" }, rules }));
  const binding = {
    metadata: { name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
    subjects: [{ kind: "User", name: "reader", apiGroup: "rbac.authorization.k8s.io" }],
  };
  await call("POST", `${rbac}/rolebindings`, "admin", JSON.stringify(binding));
});
afterAll(async () => {
  api.close();
  await server.stop();
});

async function call(method: string, path: string, token: string, body?: string) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    tls: { ca: certificates.caPem },
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, text, message: () => String(JSON.parse(text).message) };
}
const ofPod = (name: string, rest: string) => `/api/v1/namespaces/default/pods/${name}/${rest}`;
const log = (query: string, name = "one") => call("GET", ofPod(name, `log?${query}`), "admin");

describe("pods/log", () => {
  test.each([
    ["", "one\ntwo\nthree of main\n"],
    ["tailLines=1", "three of main\n"],
    ["tailLines=0", ""],
    ["tailLines=9", "one\ntwo\nthree of main\n"],
    ["limitBytes=5", "one\nt"],
    ["timestamps=true&tailLines=1", `${at(3)} three of main\n`],
    [`sinceTime=${at(2)}`, "two\nthree of main\n"],
    ["follow=true&tailLines=1", "three of main\nfour\n"],
    ["sinceSeconds=1", ""],
  ])("?%s gives its part", async (query, expected) => {
    expect((await log(query)).text).toBe(expected);
  });

  test.each([
    ["tailLines=-1", 422, 'PodLogOptions "" is invalid: tailLines: Invalid value: -1'],
    ["limitBytes=0", 422, "limitBytes: Invalid value: 0: must be greater than 0"],
    ["sinceTime=x", 422, 'sinceTime: Invalid value: "x"'],
    [`sinceTime=${at(1)}&sinceSeconds=1`, 422, "at most one of `sinceTime` or `sinceSeconds`"],
    ["container=nope", 400, "container nope is not valid for pod one"],
    ["previous=true", 400, 'previous terminated container "main" in pod "one" not found'],
  ])("?%s is refused", async (query, status, why) => {
    const answer = await log(query);
    expect([answer.status, answer.message()]).toEqual([status, expect.stringContaining(why)]);
  });

  test("of several containers one must be named", async () => {
    expect((await log("", "two")).message()).toBe(
      "a container name must be specified for pod two, choose one of: [main side]",
    );
    expect((await log("container=side&tailLines=1", "two")).text).toBe("three of side\n");
    expect((await log("", "nope")).message()).toBe('pods "nope" not found');
  });
});

/** Everything that comes until the server closes, by channel, and the code it closes with. */
async function exec(query: string, protocols: string[], begin: (socket: WebSocket) => void = () => {}) {
  const socket = new WebSocket(`${server.url.replace("https", "wss")}${ofPod("one", query)}`, {
    protocols,
    tls: { ca: certificates.caPem },
    headers: { authorization: "Bearer admin" },
  } as never);
  socket.binaryType = "arraybuffer";
  const channels = ["", "", "", "", ""];
  const order: number[] = [];
  socket.onmessage = ({ data }) => {
    const bytes = Buffer.from(data as ArrayBuffer);
    const [channel = 0] = bytes;
    order.push(channel);
    channels[channel] += bytes.toString("utf8", 1);
  };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  socket.onopen = () => begin(socket);
  socket.onerror = () => reject(new Error("the WebSocket failed"));
  socket.onclose = ({ code }) => resolve(code);
  const code = await promise;
  const status = channels[3] === "" ? undefined : JSON.parse(channels[3] ?? "");
  return { code, protocol: socket.protocol, stdout: channels[1], stderr: channels[2], status, order };
}

describe("pods/exec", () => {
  test.each(["v5.channel.k8s.io", "v4.channel.k8s.io"])(
    "%s carries both outputs and the exit code",
    async (version) => {
      const said = await exec("exec?command=fail&stdout=true&stderr=true", [version]);
      expect([said.code, said.protocol, said.stdout, said.stderr]).toEqual([
        1000,
        version,
        "out\nput\n",
        "err",
      ]);
      expect(said.order[0]).toBe(1);
      expect(said.order.at(-1)).toBe(3);
      expect(said.status).toMatchObject({
        status: "Failure",
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: "3" }] },
      });
    },
  );

  test("v5 tells a program where its input ends", async () => {
    const said = await exec("exec?command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"], (socket) => {
      socket.send(Buffer.from("\u0000hello "));
      socket.send(Buffer.from("\u0000world"));
      socket.send(Uint8Array.of(255, 0));
    });
    expect([said.stdout, said.status.status]).toEqual(["hello world", "Success"]);
  });

  test("with a terminal there is one output, whose lines end as terminals want them", async () => {
    const said = await exec("exec?command=fail&stdout=true&tty=true", ["v5.channel.k8s.io"]);
    expect(said.stdout?.replace("err", "")).toBe("out\r\nput\r\n");
    expect([said.stdout?.includes("err"), said.stderr]).toEqual([true, ""]);
  });

  test("a program that is not there is told as an error of the server", async () => {
    const { status } = await exec("exec?command=sh&stdout=true", ["v5.channel.k8s.io"]);
    expect(status).toMatchObject({ status: "Failure", reason: "InternalError", code: 500 });
    expect(status.message).toBe('Internal error occurred: exec: "sh": executable file not found in $PATH');
  });

  test.each([
    ["one", "exec?command=x&stdout=true", "Upgrade request required"],
    ["one", "exec?command=x", "you must specify at least 1 of stdin, stdout, stderr"],
    ["one", "exec?stdout=true", "you must specify at least one command"],
    ["two", "exec?command=x&stdout=true", "a container name must be specified for pod two"],
    ["waiting", "exec?command=x&stdout=true", "pod waiting does not have a host assigned"],
    ["one", "portforward", "Upgrade request required"],
  ])("%s/%s without a WebSocket, or without what it needs, is a bad request", async (name, rest, why) => {
    const answer = await call("POST", ofPod(name, rest), "admin");
    expect([answer.status, answer.message()]).toEqual([400, expect.stringContaining(why)]);
  });

  test("a protocol that is not ours is refused before the connection is one", async () => {
    await expect(exec("exec?command=cat&stdout=true", ["v9.channel.k8s.io"])).rejects.toThrow("failed");
  });

  test("rights are asked for the subresource, and what was asked is audited", async () => {
    audited.length = 0;
    expect((await call("GET", ofPod("one", "log"), "reader")).status).toBe(200);
    for (const rest of ["exec?command=cat&stdout=true", "attach?stdout=true", "portforward"]) {
      const answer = await call("GET", ofPod("one", rest), "reader");
      const [subresource] = rest.split("?");
      expect([answer.status, answer.message()]).toEqual([
        403,
        `pods "one" is forbidden: User "reader" cannot get resource "pods/${subresource}" in API group "" in the namespace "default"`,
      ]);
    }
    await call("POST", ofPod("one", "exec?command=cat&stdout=true"), "reader");
    expect(audited).toEqual([
      "reader get pods/log true",
      "reader get pods/exec false",
      "reader get pods/attach false",
      "reader get pods/portforward false",
      "reader create pods/exec false",
    ]);
  });

  test("a client that goes away takes its program with it", async () => {
    const gone = exec("exec?command=cat&stdin=true&stdout=true", ["v5.channel.k8s.io"], (socket) =>
      socket.close(),
    );
    expect((await gone).status).toBeUndefined();
  });
});

test("an API without a runtime has no streams", async () => {
  const plain = createSandboxApi({ now: Date.now });
  plain.addToken("admin", { username: "admin", groups: ["system:masters"] });
  const response = await plain.fetch(
    new Request(`http://x${ofPod("one", "log")}`, { headers: { authorization: "Bearer admin" } }),
  );
  expect(response.status).toBe(404);
  plain.close();
});
