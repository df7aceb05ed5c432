/** The container image as it is built and as a container engine would start it: read, unpacked, run without a shell. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { eventually } from "./controller_support.ts";
import { ContainerLab, cannotStartContainers } from "./harness/container/container_lab.ts";
import { type UnpackedImage, unpackedImage } from "./harness/container/unpacked_image.ts";
import { temporaryDirectory } from "./harness/temporary.ts";

const isRoot = process.getuid?.() === 0;
const lacking = process.platform !== "linux" ? "Linux" : isRoot ? undefined : "root";
const title = `the container image${lacking ? ` (needs ${lacking})` : ""}`;

const lackingCrun = cannotStartContainers();

interface Descriptor {
  digest: string;
  size: number;
}

const waitMs = 20_000;

const objects = [
  { apiVersion: "v1", kind: "Node", metadata: { name: "node1" } },
  metallb("IPAddressPool", { addresses: ["192.0.2.64/28"] }),
  metallb("L2Advertisement", {}),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80 }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ port: 80 }],
    endpoints: [{ addresses: ["10.244.0.2"], nodeName: "node1", conditions: { ready: true } }],
  },
];

describe.skipIf(lacking !== undefined)(title, () => {
  let directory: string;
  let unpacked: UnpackedImage;
  let image: string;
  let root: string;
  beforeAll(async () => {
    directory = temporaryDirectory("image");
    unpacked = await unpackedImage(directory);
    image = unpacked.layout;
    root = unpacked.root;
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

  describe.skipIf(lackingCrun !== undefined)(`under crun${lackingCrun ? ` (${lackingCrun})` : ""}`, () => {
    let lab: ContainerLab;
    beforeAll(async () => {
      lab = await ContainerLab.start("container", unpacked);
      for (const object of objects) await lab.kubectl("apply -f -", JSON.stringify(object));
    }, 120_000);
    afterAll(() => lab?.end());

    async function privileges() {
      const { status, root } = await lab.look();
      const { Uid, Gid, CapEff, CapPrm, CapBnd, CapAmb, NoNewPrivs, Seccomp } = status;
      return {
        Uid,
        Gid,
        CapEff,
        CapPrm,
        CapBnd,
        CapAmb,
        NoNewPrivs,
        Seccomp,
        isReadOnly: root.split(",")[0] === "ro",
      };
    }

    const none = "0000000000000000";
    /** Bit 13 (capability.h). */
    const netRaw = "0000000000002000";

    test("the controller gives addresses as nobody, without a capability", async () => {
      await lab.startPart("controller");
      expect(await privileges()).toEqual({
        Uid: "65534\t65534\t65534\t65534",
        Gid: "65534\t65534\t65534\t65534",
        ...{ CapEff: none, CapPrm: none, CapBnd: none, CapAmb: none },
        ...{ NoNewPrivs: "1", Seccomp: "2", isReadOnly: true },
      });
      await eventually("the Service has its address", waitMs, async () =>
        (await lab.kubectl("get service web -o jsonpath={.status.loadBalancer.ingress[*].ip}")).includes(
          "192.0.2.64",
        ),
      );
      await eventually("the certificate and the ring's key are made", waitMs, async () => {
        const data = await lab.kubectl("get secrets -n metallb-system -o jsonpath={.items[*].data}");
        return data.includes("secretkey") && data.includes("tls.crt");
      });
      expect(await lab.stopPart()).toEndWith("exit 0");
    }, 60_000);

    test("the speaker answers ARP as root with NET_RAW alone", async () => {
      await lab.startPart("speaker");
      expect(await privileges()).toEqual({
        Uid: "0\t0\t0\t0",
        Gid: "65534\t65534\t65534\t65534",
        ...{ CapEff: netRaw, CapPrm: netRaw, CapBnd: netRaw, CapAmb: none },
        ...{ NoNewPrivs: "1", Seccomp: "2", isReadOnly: true },
      });
      await eventually("the address is answered for on the wire", waitMs, async () => {
        const asked = Bun.spawn([
          "ip",
          "netns",
          "exec",
          lab.network.router,
          "arping",
          "-c1",
          "-w1",
          "-I",
          "eth0",
          "192.0.2.64",
        ]);
        return (await asked.exited) === 0;
      });
      expect(await lab.stopPart()).toEndWith("exit 0");
    }, 60_000);
  });
});

function metallb(kind: string, spec: object) {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name: "first", namespace: "metallb-system" },
    spec,
  };
}
