import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

setDefaultTimeout(60_000);

/** Answers that the API packs, as clients that ask for that read them. */
describe("large lists of the sandbox API over HTTPS", () => {
  const path = "/api/v1/namespaces/default/configmaps";
  const names = Array.from({ length: 300 }, (_, index) => `large-${index}`).sort();
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
    const configMaps = { ...resources.services, plural: "configmaps", kind: "ConfigMap" };
    for (const name of names) {
      const metadata = {
        name,
        namespace: "default",
        annotations: { "example.com/text": "한글 ".repeat(200) },
      };
      await cluster.api.client.create(configMaps, { metadata });
    }
  });
  afterAll(() => cluster?.stop());

  test("leave packed for Bun's fetch, which asks for that and unpacks them by itself", async () => {
    const answer = await cluster.fetch(path);
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    const text = await answer.text();
    expect(Number(answer.headers.get("content-length"))).toBeLessThan(Buffer.byteLength(text) / 5);
    const list = JSON.parse(text) as { items: { metadata: { name: string } }[] };
    const listed = list.items
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.startsWith("large-"));
    expect(listed).toEqual(names);
  });

  test.skipIf(!hasKubectl)(
    "kubectl reads them, in one piece and in pages, and keeps OpenAPI by its hash",
    async () => {
      const wanted = names.map((name) => `configmap/${name}`);
      for (const how of ["--chunk-size=0", "--chunk-size=200", "--disable-compression --chunk-size=0"]) {
        const lines = (await cluster.run(`get configmaps -o name ${how}`)).trim().split("\n");
        expect(lines.filter((line) => line.includes("large-"))).toEqual(wanted);
      }
      for (const _ of [1, 2]) expect(await cluster.run("explain service.spec.ports")).toContain("FIELDS:");
    },
  );
});
