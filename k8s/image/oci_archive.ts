import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimeEnvironment } from "./environment.ts";

export interface ImageOptions {
  /** One for each architecture, with the directory that becomes `/`. */
  images: { root: string; architecture: "amd64" | "arm64" }[];
  /** Where the archive is written. */
  output: string;
  /** `metallb-ts:0.1.0`. */
  reference: string;
  version: string;
  /** The moment that the image says it was made; the same input then gives the same bytes. */
  created: Date;
}

interface Blob {
  digest: string;
  size: number;
}

type Descriptor = Blob & { mediaType: string; platform?: { architecture: string; os: string } };

const mediaTypes = {
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};

/**
 * Writes an image archive without a container engine (OCI Image Format Specification 1.1: layout, index, and of each
 * architecture a manifest, a config and one layer). `podman load`, `ctr images import`, `docker load` and `k3s ctr images
 * import` read it. Several architectures are an index of their own under one name, of which a node takes its own.
 */
export async function writeOciArchive(options: ImageOptions): Promise<{ digest: string; bytes: number }> {
  const { images, output, reference, created } = options;
  const work = mkdtempSync(join(tmpdir(), "metallb-image-"));
  const layout = join(work, "layout");
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  try {
    const manifests: Descriptor[] = [];
    for (const image of images) manifests.push(await storeImage(image, options, work, blobs));
    const [first] = manifests;
    if (!first) throw new Error("an image is for one architecture at least");
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
    const named = images.length === 1 ? first : { mediaType: mediaTypes.index, ...storeJson(blobs, index) };
    const [, tag = "latest"] = reference.split(":");
    const annotations = {
      "org.opencontainers.image.ref.name": tag,
      "io.containerd.image.name": `localhost/${reference}`,
    };
    writeJson(join(layout, "index.json"), { ...index, manifests: [{ ...named, annotations }] });
    writeJson(join(layout, "oci-layout"), { imageLayoutVersion: "1.0.0" });
    await tar(output, layout, created);
    return { digest: named.digest, bytes: statSync(output).size };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function storeImage(
  { root, architecture }: ImageOptions["images"][number],
  { version, created }: ImageOptions,
  work: string,
  blobs: string,
): Promise<Descriptor> {
  const layer = join(work, `${architecture}.tar`);
  await tar(layer, root, created);
  const diffId = `sha256:${await sha256File(layer)}`;
  await Bun.$`gzip -n -6 ${layer}`.quiet();
  const layerBlob = await storeFile(blobs, `${layer}.gz`);
  const labels = {
    "org.opencontainers.image.title": "metallb-ts",
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.licenses": "Apache-2.0",
    "org.opencontainers.image.created": created.toISOString(),
  };
  const platform = { architecture, os: "linux" };
  const config = storeJson(blobs, {
    created: created.toISOString(),
    ...platform,
    config: {
      User: "65534:65534",
      Env: Object.entries(runtimeEnvironment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: ["/usr/bin/metallb"],
      WorkingDir: "/",
      Labels: labels,
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: created.toISOString(), created_by: "./run image" }],
  });
  const manifest = storeJson(blobs, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...config },
    layers: [{ mediaType: mediaTypes.layer, ...layerBlob }],
    annotations: labels,
  });
  return { mediaType: mediaTypes.manifest, ...manifest, platform };
}

/** Names in order, one owner and one time, so that nothing of the machine shows. */
async function tar(output: string, directory: string, created: Date): Promise<void> {
  const time = `@${Math.floor(created.getTime() / 1_000)}`;
  const flags = [
    "--sort=name",
    `--mtime=${time}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--format=pax",
  ];
  const plain = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime";
  await Bun.$`tar ${flags} ${plain} -cf ${output} -C ${directory} .`.quiet();
}

async function storeFile(blobs: string, file: string): Promise<Blob> {
  const hash = await sha256File(file);
  cpSync(file, join(blobs, hash));
  return { digest: `sha256:${hash}`, size: statSync(file).size };
}

function storeJson(blobs: string, value: object): Blob {
  const text = JSON.stringify(value);
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  writeFileSync(join(blobs, hash), text);
  return { digest: `sha256:${hash}`, size: Buffer.byteLength(text) };
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, JSON.stringify(value));
}

async function sha256File(file: string): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex");
}
