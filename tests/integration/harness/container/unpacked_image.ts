import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageConfig } from "./bundle.ts";

const build = join(import.meta.dir, "..", "..", "..", "..", "k8s", "image", "build.ts");

interface Descriptor {
  digest: string;
}

export interface UnpackedImage {
  archive: string;
  /** The OCI layout that is in it. */
  layout: string;
  /** What would be `/`. */
  root: string;
  /** What the image says of itself. */
  image: ImageConfig;
}

/** Builds the image for this machine into the directory and unpacks its one layer. */
export async function unpackedImage(directory: string): Promise<UnpackedImage> {
  const archive = join(directory, "image.tar");
  const layout = join(directory, "layout");
  const root = join(directory, "root");
  for (const path of [layout, root]) mkdirSync(path);
  await Bun.$`${process.execPath} ${build} ${archive}`.quiet();
  await Bun.$`tar xf ${archive} -C ${layout}`.quiet();
  const blob = ({ digest }: Descriptor) => join(layout, "blobs", digest.replace(":", "/"));
  const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
  const [entry] = json(join(layout, "index.json")).manifests;
  const { config, layers } = json(blob(entry));
  await Bun.$`tar xzf ${blob(layers[0])} -C ${root}`.quiet();
  return { archive, layout, root, image: json(blob(config)).config };
}
