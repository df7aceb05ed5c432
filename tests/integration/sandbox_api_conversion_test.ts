/** Two versions of BGPPeer on the sandbox's API, converted by the controller's own webhook over HTTPS. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { parse } from "yaml";
import type { KubeObject } from "#k8s/mod.ts";
import { type Certificates, createCertificates } from "#sandbox/api/mod.ts";
import { type Caller, type TestApi, testApi } from "#sandbox/api/testing.ts";
import { createWebhooks } from "#server/mod.ts";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const older = "/apis/metallb.io/v1beta1/namespaces/default/bgppeers";
const newer = "/apis/metallb.io/v1beta2/namespaces/default/bgppeers";
const spec = { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" };

let certificates: Certificates;
let server: Bun.Server<undefined>;
let sandbox: TestApi;
let call: Caller;
/** How many objects each review carried, and what stands in for the controller's answer. */
let reviews: number[];
let instead: ((review: { request: { uid: string } }) => Response) | undefined;

beforeAll(async () => {
  certificates = await createCertificates({ names: [], addresses: ["127.0.0.1"], now: new Date() });
  const app = createWebhooks({ admission: { judge: () => undefined } as never });
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: certificates.certPem, key: certificates.keyPem },
    async fetch(request) {
      const review = await request.clone().json();
      reviews.push(review.request.objects.length);
      return instead?.(review) ?? (await app.fetch(request));
    },
  });
});
afterAll(() => server.stop(true));

beforeEach(async () => {
  sandbox = testApi();
  call = sandbox.call;
  reviews = [];
  instead = undefined;
  expect(await install()).toBe(201);
});

async function install(clientConfig: object = {}): Promise<number> {
  const definition = parse(await Bun.file(`${import.meta.dir}/../../k8s/crds/bgppeers.yaml`).text());
  definition.spec.conversion = {
    strategy: "Webhook",
    webhook: {
      conversionReviewVersions: ["v1"],
      clientConfig: {
        url: `https://127.0.0.1:${server.port}/convert`,
        caBundle: Buffer.from(certificates.caPem).toString("base64"),
        ...clientConfig,
      },
    },
  };
  return (await call("POST", definitions, definition)).status;
}

const peer = (name: string, more: object = {}): Omit<KubeObject, "spec"> => ({
  metadata: { name },
  spec: { ...spec, ...more },
});

describe("a BGPPeer", () => {
  test("written in the older version is stored in the newer, and each is read in its own words", async () => {
    const created = await call("POST", older, peer("tor", { bfdProfile: "fast", holdTime: "90s" }));
    expect([created.status, created.body.apiVersion]).toEqual([201, "metallb.io/v1beta1"]);
    expect(created.body.spec).toMatchObject({ ...spec, bfdProfile: "fast", holdTime: "90s" });
    const stored = await call("GET", `${newer}/tor`);
    expect(stored.body.apiVersion).toBe("metallb.io/v1beta2");
    expect(stored.body.spec).toMatchObject({ ...spec, bfdProfile: "fast" });
    expect(stored.body.metadata.uid).toBe(created.body.metadata.uid);
    const before = reviews.length;
    await call("GET", `${newer}/tor`);
    // The stored version asks nobody, and what was converted once is not asked for again.
    await call("GET", `${older}/tor`);
    expect(reviews).toHaveLength(before);
  });

  test("keeps through a patch in the older version what only the newer can say", async () => {
    await call("POST", newer, peer("tor", { vrf: "red", dualStackAddressFamily: true }));
    const patched = await call("PATCH", `${older}/tor`, { spec: { holdTime: "30s" } }, "merge");
    expect(patched.status).toBe(200);
    const stored = await call("GET", `${newer}/tor`);
    expect(stored.body.spec).toMatchObject({ vrf: "red", dualStackAddressFamily: true, holdTime: "30s" });
    expect(stored.body.metadata.generation).toBe(2);
  });

  test("is judged by the schema of the version in which it is written", async () => {
    const refused = await call("POST", older, peer("bad", { myASN: "many" }));
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain("spec.myASN");
    const strict = await call("POST", `${older}?fieldValidation=Strict`, peer("bad", { vrf: "red" }));
    expect(strict.body.message).toContain('unknown field "spec.vrf"');
  });

  test("in a list is converted with all others in one review, and in a Table shows that version's columns", async () => {
    for (const name of ["a", "b", "c"]) await call("POST", newer, peer(name));
    reviews = [];
    const { body } = await call("GET", older);
    expect(body.items.map(({ apiVersion, metadata }) => `${apiVersion} ${metadata.name}`)).toEqual([
      "metallb.io/v1beta1 a",
      "metallb.io/v1beta1 b",
      "metallb.io/v1beta1 c",
    ]);
    expect(reviews).toEqual([3]);
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const table = await call("GET", older, undefined, undefined, { accept });
    expect(table.body.rows.map(({ cells }) => cells[1])).toEqual(["10.0.0.1", "10.0.0.1", "10.0.0.1"]);
  });

  test("that changes is told to a watch of the older version, in order", async () => {
    await call("POST", newer, peer("a"));
    const headers = { authorization: "Bearer secret" };
    const response = await sandbox.api.fetch(new Request(`http://sandbox${older}?watch=true`, { headers }));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const until = async (text: string) => {
      while (!seen.includes(text)) seen += (await reader?.read())?.value ?? "";
    };
    await until('"ADDED"');
    await call("PATCH", `${newer}/a`, { spec: { holdTime: "60s" } }, "merge");
    await call("DELETE", `${newer}/a`);
    await until('"DELETED"');
    const events = seen.split("\n").filter((line) => line.trim() !== "");
    expect(events.map((line) => [JSON.parse(line).type, JSON.parse(line).object.apiVersion])).toEqual([
      ["ADDED", "metallb.io/v1beta1"],
      ["MODIFIED", "metallb.io/v1beta1"],
      ["DELETED", "metallb.io/v1beta1"],
    ]);
    await reader?.cancel();
  });

  test("applied in the older version by one manager meets the owner of the newer", async () => {
    const body = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", ...peer("tor", { holdTime: "90s" }) };
    expect((await call("PATCH", `${older}/tor?fieldManager=one`, body, "apply")).status).toBe(201);
    const other = { ...body, apiVersion: "metallb.io/v1beta2", spec: { ...spec, peerASN: 1 } };
    expect((await call("PATCH", `${newer}/tor?fieldManager=two`, other, "apply")).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.peerASN',
    );
  });

  test("may have a generated name", async () => {
    const body = { metadata: { generateName: "tor-" }, spec };
    const created = await call("POST", older, body);
    expect(created.body.metadata.name).toStartWith("tor-");
  });
});

describe("a conversion webhook", () => {
  const failed = "conversion webhook for metallb.io/v1beta2, Kind=BGPPeer failed: ";

  test("that fails fails the request by its own words, and the other version goes on", async () => {
    await call("POST", newer, peer("tor"));
    instead = ({ request: { uid } }) => {
      const response = { uid, result: { status: "Failure", message: "no such luck" }, convertedObjects: [] };
      return Response.json({ apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response });
    };
    const refused = await call("GET", `${older}/tor`);
    expect([refused.status, refused.body.message]).toEqual([500, `${failed}no such luck`]);
    expect((await call("GET", older)).body.message).toBe(`${failed}no such luck`);
    expect((await call("GET", `${newer}/tor`)).status).toBe(200);
    const write = await call("POST", older, peer("other"));
    expect(write.body.message).toBe(
      "conversion webhook for metallb.io/v1beta1, Kind=BGPPeer failed: no such luck",
    );
    expect((await call("GET", `${newer}/other`)).status).toBe(404);
  });

  test("that changes who the object is is not believed", async () => {
    await call("POST", newer, peer("tor"));
    instead = ({ request: { uid } }) => {
      const object = { apiVersion: "metallb.io/v1beta1", kind: "BGPPeer", metadata: { name: "impostor" } };
      const response = { uid, result: { status: "Success" }, convertedObjects: [object] };
      return Response.json({ response });
    };
    expect((await call("GET", `${older}/tor`)).body.message).toBe(
      `${failed}invalid converted object at index 0: must have the same metadata.name`,
    );
  });

  test("of a Service that nobody answers for is told, and strategy None needs none", async () => {
    await call("POST", newer, peer("tor"));
    const service = { namespace: "metallb-system", name: "metallb-webhook-service", path: "/convert" };
    const client = [{ op: "replace", path: "/spec/conversion/webhook/clientConfig", value: { service } }];
    expect((await call("PATCH", `${definitions}/bgppeers.metallb.io`, client, "json")).status).toBe(200);
    expect((await call("GET", `${older}/tor`)).body.message).toBe(
      `${failed}no endpoints available for service "metallb-webhook-service" in namespace "metallb-system"`,
    );
    const none = [{ op: "replace", path: "/spec/conversion", value: { strategy: "None" } }];
    await call("PATCH", `${definitions}/bgppeers.metallb.io`, none, "json");
    const read = await call("GET", `${older}/tor`);
    expect([read.body.apiVersion, read.body.spec]).toEqual([
      "metallb.io/v1beta1",
      expect.objectContaining(spec),
    ]);
  });
});
