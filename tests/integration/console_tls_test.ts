/** The console that ends TLS itself: tokens, cookies and live events, without a proxy before it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type RunningController, runController } from "#controller/mod.ts";
import { createAuthority, issueCertificate } from "#k8s/certificates/mod.ts";
import { tlsPolicy } from "#server/tls/mod.ts";
import { ownNamespace, TestCluster } from "./controller_support.ts";

const token = "token-of-ann";
let cluster: TestCluster;
let controller: RunningController;
let ca: string;

beforeAll(async () => {
  cluster = await TestCluster.start();
  cluster.api.addToken(token, { username: "ann", groups: ["system:masters"] });
  const authority = await createAuthority({ commonName: "test", now: new Date(), days: 1 });
  const names = { names: ["localhost"], addresses: ["127.0.0.1"] };
  const issued = await issueCertificate(authority, { commonName: "c", ...names, now: new Date(), days: 1 });
  ca = authority.certPem;
  const certificateDirectory = join(cluster.directory, "console-certificate");
  await mkdir(certificateDirectory);
  await Bun.write(join(certificateDirectory, "tls.crt"), issued.certPem);
  await Bun.write(join(certificateDirectory, "tls.key"), issued.keyPem);
  controller = await runController({
    kubeconfig: cluster.kubeconfig,
    namespace: ownNamespace,
    hostname: "127.0.0.1",
    port: 0,
    loadBalancerClass: "",
    consoleTls: { certificateDirectory, policy: tlsPolicy() },
    logLevel: "none",
    version: "test",
  });
}, 30_000);

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`https://127.0.0.1:${controller.port}${path}`, { redirect: "manual", ...init, tls: { ca } });
}

async function logIn(): Promise<string> {
  const answer = await ask("/login", {
    method: "POST",
    headers: {
      Origin: `https://127.0.0.1:${controller.port}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({ token }).toString(),
  });
  expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
  return answer.headers.get("Set-Cookie") ?? "";
}

describe("the console over HTTPS", () => {
  test("gives a Secure cookie, with which its pages open", async () => {
    const cookie = await logIn();
    expect(cookie).toMatch(/^metallb_session\w*=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const page = await ask("/", { headers: { Cookie: cookie.split(";")[0] ?? "" } });
    expect(page.status).toBe(200);
    expect((await ask("/")).status).toBe(303);
  });

  test("takes a bearer token for its API, and no wrong one", async () => {
    const api = (bearer: string) => ask("/api/v1/pools", { headers: { Authorization: `Bearer ${bearer}` } });
    expect((await api(token)).status).toBe(200);
    expect((await api("wrong")).status).toBe(401);
  });

  test("sends live events", async () => {
    const cookie = await logIn();
    const ended = new AbortController();
    const headers = { Cookie: cookie.split(";")[0] ?? "", Accept: "text/event-stream" };
    const answer = await ask("/events", { headers, signal: ended.signal });
    expect(answer.headers.get("Content-Type")).toStartWith("text/event-stream");
    const first = await answer.body?.getReader().read();
    expect(first?.value?.length).toBeGreaterThan(0);
    ended.abort();
  });

  test("speaks no plain HTTP on its port", async () => {
    const plain = await fetch(`http://127.0.0.1:${controller.port}/`).then(
      () => "answered",
      () => "refused",
    );
    expect(plain).toBe("refused");
  });
});
