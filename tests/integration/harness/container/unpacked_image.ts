import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageConfig } from "./bundle.ts";

const build = join(import.meta.dir, "..", "..", "..", "..", "k8s", "image", "build.ts");

interface Descriptor {
  digest: string;
}

/** Builds the image for this machine and unpacks its one layer; gives the root and what the image says of itself. */
export async function unpackedImage(
  directory: string,
): Promise<{ root: string; image: ImageConfig; bytes: number }> {
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
  return { root, image: json(blob(config)).config, bytes: Bun.file(archive).size };
}
