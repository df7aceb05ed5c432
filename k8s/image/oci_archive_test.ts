import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOciArchive } from "./oci_archive.ts";
import { parsePlatforms } from "./platform.ts";

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: string };
  annotations?: Record<string, string>;
}

describe("writeOciArchive()", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "mlbt-oci-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function archive(name: string, architectures: ("amd64" | "arm64")[]): Promise<string> {
    const images = architectures.map((architecture) => {
      const root = join(directory, `${name}-${architecture}`);
      mkdirSync(root);
      writeFileSync(join(root, "program"), `for ${architecture}`);
      return { root, architecture };
    });
    const output = join(directory, `${name}.tar`);
    const created = new Date(0);
    await writeOciArchive({ images, output, reference: "metallb-ts:1.2.3", version: "1.2.3", created });
    return output;
  }

  async function unpack(file: string) {
    const layout = `${file}.layout`;
    mkdirSync(layout);
    await Bun.$`tar xf ${file} -C ${layout}`.quiet();
    const blob = ({ digest, size }: Descriptor) => {
      const bytes = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
      expect(`sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`).toBe(digest);
      expect(bytes.length).toBe(size);
      return bytes;
    };
    const json = (descriptor: Descriptor) => JSON.parse(blob(descriptor).toString());
    const top = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")).manifests as [Descriptor];
    return { blob, json, top };
  }

  test("names an index of all architectures, each with its own files", async () => {
    const { blob, json, top } = await unpack(await archive("both", ["amd64", "arm64"]));
    expect(top.length).toBe(1);
    expect(top[0].mediaType).toBe("application/vnd.oci.image.index.v1+json");
    expect(top[0].annotations?.["io.containerd.image.name"]).toBe("localhost/metallb-ts:1.2.3");
    const manifests = json(top[0]).manifests as Descriptor[];
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
    for (const manifest of manifests) {
      const { config, layers } = json(manifest);
      expect(json(config)).toMatchObject({ ...manifest.platform, config: { User: "65534:65534" } });
      const layer = Bun.gunzipSync(Uint8Array.from(blob(layers[0])));
      const diffId = `sha256:${new Bun.CryptoHasher("sha256").update(layer).digest("hex")}`;
      expect(json(config).rootfs.diff_ids).toEqual([diffId]);
      expect(Buffer.from(layer).includes(`for ${manifest.platform?.architecture}`)).toBe(true);
    }
  });

  test("names the one image itself where there is one", async () => {
    const { top } = await unpack(await archive("one", ["arm64"]));
    expect(top[0].mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
    expect(top[0].platform?.architecture).toBe("arm64");
  });

  test("gives the same bytes for the same files", async () => {
    const hash = async (file: string) => Bun.hash(await Bun.file(file).bytes());
    const [a, b] = [await archive("first", ["amd64"]), await archive("second", ["amd64"])];
    expect(await hash(a)).toBe(await hash(b));
  });
});

describe("parsePlatforms()", () => {
  test("takes a list, once each, in the order given", () =>
    expect(parsePlatforms("linux/arm64,linux/amd64,linux/arm64").map((each) => each.architecture)).toEqual([
      "arm64",
      "amd64",
    ]));
  test.each(["arm64", "linux/386", ""])("refuses %j and says what is allowed", (text) =>
    expect(() => parsePlatforms(text)).toThrow("linux/amd64 and linux/arm64"),
  );
});
