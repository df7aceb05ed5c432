import { describe, expect, test } from "bun:test";
import { createWebhooks, validatedKinds } from "./mod.ts";

const app = createWebhooks({ admission: { review: () => ({ issues: [], warnings: [] }) } });
const post = (path: string, body: unknown) =>
  app.request(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

const poolPath = "/validate-metallb-io-v1beta1-ipaddresspool";
const request = {
  uid: "u",
  kind: { group: "metallb.io", version: "v1beta1", kind: "IPAddressPool" },
  operation: "CREATE",
  namespace: "metallb-system",
  object: { apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { generateName: "pool-" } },
};
const envelope = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };

describe("createWebhooks()", () => {
  test("serves MetalLB's six paths", async () => {
    for (const { path, kind } of validatedKinds) {
      const object = { apiVersion: "metallb.io/v1beta2", kind, metadata: { name: "x" } };
      const own = { ...request, kind: { ...request.kind, kind }, object };
      const answer = await post(path, { ...envelope, request: own });
      expect(await answer.json()).toEqual({ ...envelope, response: { uid: "u", allowed: true } });
    }
  });

  test.each<[string, unknown, string]>([
    ["no JSON", "{", "the body is not JSON: "],
    ["an older version", { ...envelope, apiVersion: "admission.k8s.io/v1beta1", request }, "apiVersion: "],
    ["no request", envelope, "request: "],
    ["no uid", { ...envelope, request: { ...request, uid: "" } }, "request.uid: "],
    [
      "an unknown operation",
      { ...envelope, request: { ...request, operation: "PATCH" } },
      "request.operation: ",
    ],
    [
      "another kind",
      { ...envelope, request: { ...request, kind: { ...request.kind, kind: "BGPPeer" } } },
      "this path reviews metallb.io/IPAddressPool, not metallb.io/BGPPeer",
    ],
    [
      "no object to create",
      { ...envelope, request: { ...request, object: null } },
      "request.object is missing, but the operation is CREATE",
    ],
  ])("answers 400 in words to %s", async (_, body, words) => {
    const answer = await post(poolPath, body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(words);
  });

  test("answers 404 to other paths and 413 to a flood", async () => {
    expect((await post("/validate-metallb-io-v1beta1-service", {})).status).toBe(404);
    expect((await app.request(poolPath)).status).toBe(404);
    expect((await post(poolPath, "x".repeat(17 * 1024 * 1024))).status).toBe(413);
  });
});

describe("/convert", () => {
  const review = (desiredAPIVersion: string, objects: unknown[]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    request: { uid: "u", desiredAPIVersion, objects },
  });
  const peer = (apiVersion: string, name: string, spec: object) => ({
    apiVersion,
    kind: "BGPPeer",
    metadata: { name, namespace: "metallb-system", uid: "1", resourceVersion: "7" },
    spec: { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", ...spec },
  });

  test("converts a list in its order and leaves metadata alone", async () => {
    const old = [
      peer("metallb.io/v1beta1", "a", { holdTime: "90s" }),
      peer("metallb.io/v1beta2", "b", { vrf: "red" }),
    ];
    const answer = await post("/convert", review("metallb.io/v1beta2", old));
    expect(await answer.json()).toEqual({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "ConversionReview",
      response: {
        uid: "u",
        result: { status: "Success" },
        convertedObjects: [{ ...old[0], apiVersion: "metallb.io/v1beta2" }, old[1]],
      },
    });
  });

  test("fails as a whole, and says for which object and why", async () => {
    const objects = [peer("metallb.io/v1beta2", "a", {}), peer("metallb.io/v2", "b", {})];
    const { response } = (await (await post("/convert", review("metallb.io/v1beta1", objects))).json()) as {
      response: object;
    };
    expect(response).toEqual({
      uid: "u",
      convertedObjects: [],
      result: {
        status: "Failure",
        reason: "BadRequest",
        code: 400,
        message:
          'BGPPeer "b" has apiVersion "metallb.io/v2"; known are metallb.io/v1beta1 and metallb.io/v1beta2',
      },
    });
  });

  test("answers 400 to what is no ConversionReview", async () => {
    expect((await post("/convert", { ...envelope, request })).status).toBe(400);
  });
});
