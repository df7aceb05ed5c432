import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandboxApi } from "../api.ts";
import { DataFile } from "../store/mod.ts";
import { type Caller, caller, type TestApi, testApi } from "../testing.ts";

const audience = "https://kubernetes.default.svc.cluster.local";
const accounts = "/api/v1/namespaces/default/serviceaccounts";
const pods = "/api/v1/namespaces/default/pods";

interface Claims extends Record<string, unknown> {
  exp: number;
  iat: number;
}

let sandbox: TestApi;
let admin: Caller;
beforeEach(async () => {
  sandbox = testApi();
  admin = sandbox.call;
  await admin("POST", accounts, { metadata: { name: "robot" } });
});
afterEach(() => sandbox.api.close());

async function request(spec: object = {}, name = "robot") {
  return await admin("POST", `${accounts}/${name}/token`, { spec });
}

async function tokenOf(spec: object = {}): Promise<string> {
  const answer = await request(spec);
  expect(answer.status).toBe(201);
  return (answer.body.status as { token: string }).token;
}

async function userOf(token: string): Promise<unknown> {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await caller(sandbox.api, token)("POST", path, {});
  return status === 201 ? (body.status as { userInfo: unknown }).userInfo : status;
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

async function createPod(serviceAccountName = "robot"): Promise<string> {
  const containers = [{ name: "c", image: "i" }];
  const spec = { containers, serviceAccountName, nodeName: "n1" };
  return String((await admin("POST", pods, { metadata: { name: "p" }, spec })).body.metadata.uid);
}

describe("a TokenRequest", () => {
  test("gives a token of the ServiceAccount, good for an hour and for the API", async () => {
    const { body } = await request();
    expect(body).toMatchObject({
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: "robot", namespace: "default", creationTimestamp: "2026-01-02T03:04:05Z" },
      spec: { audiences: [audience], expirationSeconds: 3600, boundObjectRef: null },
      status: { expirationTimestamp: "2026-01-02T04:04:05Z" },
    });
    const { token } = body.status as { token: string };
    const { uid } = (await admin("GET", `${accounts}/robot`)).body.metadata;
    const iat = Date.parse("2026-01-02T03:04:05Z") / 1_000;
    expect(claimsOf(token)).toEqual({
      ...{ aud: [audience], iss: audience, sub: "system:serviceaccount:default:robot" },
      ...{ iat, nbf: iat, exp: iat + 3600, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "robot", uid } },
    });
    expect(await userOf(token)).toEqual({
      username: "system:serviceaccount:default:robot",
      uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [`JTI=${claimsOf(token).jti}`] },
    });
  });

  test("is refused for less than ten minutes and more than 2^32 seconds", async () => {
    const short = await request({ expirationSeconds: 599 });
    expect([short.status, short.body.message]).toEqual([
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    ]);
    expect((await request({ expirationSeconds: 0 })).status).toBe(422);
    expect((await request({ expirationSeconds: 2 ** 32 + 1 })).status).toBe(422);
    expect((await request({ expirationSeconds: 600 })).status).toBe(201);
  });

  test("is refused for a ServiceAccount that is not there, and for another than the URL's", async () => {
    const absent = await request({}, "nobody");
    expect([absent.status, absent.body.message]).toEqual([404, 'serviceaccounts "nobody" not found']);
    const other = await admin("POST", `${accounts}/robot/token`, { metadata: { name: "x" } });
    expect(other.status).toBe(422);
    expect((await admin("GET", `${accounts}/robot/token`)).status).toBe(405);
  });

  test("needs the right to create serviceaccounts/token", async () => {
    sandbox.api.addToken("t", { username: "ann", groups: [] });
    const answer = await caller(sandbox.api, "t")("POST", `${accounts}/robot/token`, {});
    expect([answer.status, answer.body.message]).toEqual([
      403,
      'serviceaccounts "robot" is forbidden: User "ann" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"',
    ]);
  });

  test("binds to what is there and runs under that ServiceAccount, by its uid where one is given", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", name: "p" };
    expect((await request({ boundObjectRef: pod })).status).toBe(404);
    const uid = await createPod();
    expect((await request({ boundObjectRef: { ...pod, uid: "another" } })).status).toBe(409);
    expect((await request({ boundObjectRef: { ...pod, uid } })).status).toBe(201);
    await admin("POST", accounts, { metadata: { name: "second" } });
    expect((await request({ boundObjectRef: pod }, "second")).status).toBe(400);
    expect((await request({ boundObjectRef: { ...pod, kind: "ConfigMap" } })).status).toBe(400);
  });
});

describe("a token of a ServiceAccount", () => {
  test("expires, a minute late as clocks differ", async () => {
    const token = await tokenOf({ expirationSeconds: 600 });
    sandbox.advance(660_000);
    expect(await userOf(token)).toMatchObject({ username: "system:serviceaccount:default:robot" });
    sandbox.advance(1_000);
    expect(await userOf(token)).toBe(401);
  });

  test("dies with its ServiceAccount, also where one of the same name comes after", async () => {
    const token = await tokenOf();
    await admin("DELETE", `${accounts}/robot`);
    expect(await userOf(token)).toBe(401);
    await admin("POST", accounts, { metadata: { name: "robot" } });
    expect(await userOf(token)).toBe(401);
  });

  test("tells the Pod that it is bound to, and dies with it", async () => {
    const uid = await createPod();
    const token = await tokenOf({ boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "p" } });
    expect(claimsOf(token)["kubernetes.io"]).toMatchObject({ pod: { name: "p", uid }, node: { name: "n1" } });
    expect(await userOf(token)).toMatchObject({
      extra: {
        "authentication.kubernetes.io/pod-name": ["p"],
        "authentication.kubernetes.io/pod-uid": [uid],
        "authentication.kubernetes.io/node-name": ["n1"],
      },
    });
    await admin("DELETE", `${pods}/p?gracePeriodSeconds=0`);
    expect(await userOf(token)).toBe(401);
  });

  test("dies with the Secret that it is bound to", async () => {
    const secrets = "/api/v1/namespaces/default/secrets";
    await admin("POST", secrets, { metadata: { name: "s" } });
    const token = await tokenOf({ boundObjectRef: { apiVersion: "v1", kind: "Secret", name: "s" } });
    expect(await userOf(token)).toMatchObject({ username: "system:serviceaccount:default:robot" });
    await admin("DELETE", `${secrets}/s`);
    expect(await userOf(token)).toBe(401);
  });

  test("is no token with another payload, another API's signature, or none", async () => {
    const token = await tokenOf();
    const [header, , signature] = token.split(".");
    const forged = { ...claimsOf(token), sub: "system:serviceaccount:kube-system:default", exp: 9e9 };
    const payload = Buffer.from(JSON.stringify(forged)).toString("base64url");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await userOf(`${header}.${payload}.${signature}`)).toBe(401);
    expect(await userOf(`${none}.${payload}.`)).toBe(401);
    for (const broken of ["", "AAAA", "A".repeat(86), `${signature}AAAA`])
      expect(await userOf(`${header}.${payload}.${broken}`)).toBe(401);
    expect(await userOf("a.b.c")).toBe(401);
    const other = testApi();
    await other.call("POST", accounts, { metadata: { name: "robot" } });
    const { body } = await other.call("POST", `${accounts}/robot/token`, {});
    other.api.close();
    expect(await userOf((body.status as { token: string }).token)).toBe(401);
  });

  test("for somebody else is not for the API, and is reviewed for whom it is", async () => {
    const token = await tokenOf({ audiences: ["vault", "other"] });
    expect(await userOf(token)).toBe(401);
    const review = async (audiences?: string[]) =>
      (await admin("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token, audiences } }))
        .body.status;
    expect(await review(["x", "vault"])).toMatchObject({ authenticated: true, audiences: ["vault"] });
    expect(await review(["x"])).toEqual({ authenticated: false, error: "invalid bearer token", user: {} });
    expect(await review()).toMatchObject({ authenticated: false });
  });
});

test("a token of an earlier run on the same data file is still good", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mlbt-tokens-"));
  const run = async <Result>(act: (as: (token: string) => Caller) => Promise<Result>) => {
    const dataFile = DataFile.open(join(directory, "data.db"));
    const api = createSandboxApi({ now: Date.now, dataFile });
    api.addToken("secret", { username: "admin", groups: ["system:masters"] });
    try {
      return await act((token) => caller(api, token));
    } finally {
      api.close();
      dataFile.close();
    }
  };
  try {
    const token = await run(async (as) => {
      const { body } = await as("secret")("POST", `${accounts}/default/token`, {});
      return (body.status as { token: string }).token;
    });
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const { body } = await run((as) => as(token)("POST", path, {}));
    expect(body.status).toMatchObject({ userInfo: { username: "system:serviceaccount:default:default" } });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
