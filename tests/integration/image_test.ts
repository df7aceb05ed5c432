/** The container image as it is built and as a container engine would start it: read, unpacked, run without a shell. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const build = join(import.meta.dir, "..", "..", "k8s", "image", "build.ts");
const isRoot = process.getuid?.() === 0;
const lacking = process.platform !== "linux" ? "Linux" : isRoot ? undefined : "root";
const title = `the container image${lacking ? ` (needs ${lacking})` : ""}`;

interface Descriptor {
  digest: string;
  size: number;
}

describe.skipIf(lacking !== undefined)(title, () => {
  let directory: string;
  let image: string;
  let root: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mlbt-image-"));
    const archive = join(directory, "image.tar");
    await Bun.$`${process.execPath} ${build} ${archive}`.quiet();
    image = join(directory, "image");
    root = join(directory, "root");
    for (const path of [image, root]) mkdirSync(path);
    await Bun.$`tar xf ${archive} -C ${image}`.quiet();
  }, 180_000);
  afterAll(() => {
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  const blob = ({ digest }: Descriptor) => join(image, "blobs", "sha256", digest.replace("sha256:", ""));
  const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

  test("is an OCI layout whose blobs are what their names say", async () => {
    expect(json(join(image, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const [entry] = json(join(image, "index.json")).manifests;
    const { config, layers } = json(blob(entry));
    for (const each of [entry, config, ...layers] as Descriptor[]) {
      const bytes = readFileSync(blob(each));
      expect(bytes.length).toBe(each.size);
      expect(`sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`).toBe(each.digest);
    }
    const settings = json(blob(config)).config;
    expect([settings.User, settings.Entrypoint]).toEqual(["65534:65534", ["/usr/bin/metallb"]]);
    expect(settings.Env).toEqual(["BUN_JSC_forceRAMSize=100000000"]);
    await Bun.$`tar xzf ${blob(layers[0])} -C ${root}`.quiet();
  });

  test("holds the program, its C library and no shell", async () => {
    const files = (await Bun.$`find . -type f`.cwd(root).quiet().text()).trim().split("\n");
    expect(files).toContain("./usr/bin/metallb");
    const others = files.filter((file) => !/\/lib(64)?\//.test(file)).sort();
    expect(others).toEqual(["./etc/group", "./etc/nsswitch.conf", "./etc/passwd", "./usr/bin/metallb"]);
  });

  /** In the image, as nobody, with nothing but /proc and /dev from outside. */
  async function inside(command: string): Promise<string> {
    for (const name of ["proc", "dev"]) mkdirSync(join(root, name), { recursive: true });
    const script = `mount --bind /proc ${root}/proc && mount --bind /dev ${root}/dev &&
      PATH=/usr/bin:/bin exec /usr/sbin/chroot --userspec=65534:65534 ${root} ${command}`;
    return await Bun.$`unshare -m sh -c ${script}`.env({ PATH: process.env.PATH ?? "" }).text();
  }

  test("starts as nobody, with nothing but /proc and /dev from outside", async () => {
    expect((await inside("/usr/bin/metallb --version")).trim()).toBe(manifest.version);
  });

  test("answers to the names of programs that guides ask for: kubectl exec POD -- wget …, ip addr", async () => {
    expect(await inside("ip addr show dev lo")).toContain("inet 127.0.0.1/8 scope host lo");
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("metallb_up 1\n") });
    try {
      expect(await inside(`/bin/wget -qO- localhost:${server.port}/metrics`)).toBe("metallb_up 1\n");
    } finally {
      await server.stop(true);
    }
  });

  test("comes with a list of what the program is made of", () => {
    const { bomFormat, components } = json(join(directory, "image.tar.sbom.cdx.json"));
    expect(bomFormat).toBe("CycloneDX");
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["bun", ...Object.keys(manifest.dependencies)]));
    expect(names).not.toContain("typescript");
  });
});
