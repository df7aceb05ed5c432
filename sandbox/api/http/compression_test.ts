import { afterEach, beforeEach, expect, test } from "bun:test";
import { type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
const path = "/api/v1/namespaces/default/configmaps";

beforeEach(() => {
  sandbox = testApi();
});
afterEach(() => sandbox.api.close());

const get = async (target: string, acceptEncoding?: string, method = "GET") =>
  await sandbox.api.fetch(
    new Request(`http://sandbox${target}`, {
      method,
      headers: {
        authorization: "Bearer secret",
        ...(acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding }),
      },
    }),
  );

const create = async (name: string, bytes: number) =>
  await sandbox.call("POST", path, { metadata: { name }, data: { text: "가".repeat(bytes / 3) } });

test.each(["gzip", "gzip, deflate, br, zstd", "br,GZIP;q=0.5"])(
  "%s: lists and gets of more than 128 KiB are compressed and read as the plain ones",
  async (encoding) => {
    await create("large", 150_000);
    for (const target of [path, `${path}/large`]) {
      const packed = await get(target, encoding);
      expect(packed.headers.get("content-encoding")).toBe("gzip");
      expect(packed.headers.get("vary")).toBe("Accept-Encoding");
      expect(packed.headers.get("content-type")).toBe("application/json");
      const bytes = await packed.bytes();
      const plain = await (await get(target)).bytes();
      expect(bytes.length).toBeLessThan(plain.length / 10);
      expect(Bun.gunzipSync(bytes)).toEqual(new Uint8Array(plain));
    }
  },
);

test("what is small, not asked for, refused, or a watch is not compressed", async () => {
  await create("small", 120_000);
  const isPlain = async (target: string, encoding?: string, method = "GET") => {
    const { headers, body } = await get(target, encoding, method);
    void body?.cancel();
    expect([target, encoding, headers.get("content-encoding")]).toEqual([target, encoding, null]);
  };
  await isPlain(`${path}/small`, "gzip");
  await create("large", 150_000);
  for (const encoding of [undefined, "identity", "br, zstd", "gzip;q=0", "gzip; q=0.000"])
    await isPlain(path, encoding);
  await isPlain(`${path}?watch=true`, "gzip");
});
