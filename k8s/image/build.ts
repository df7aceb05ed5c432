/**
 * `./run image [FILE]`: the container image without a container engine. It compiles the program, puts it and its C
 * library into an OCI archive, and writes beside it what the program is made of (SBOM).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeOciArchive } from "./oci_archive.ts";
import { fillRootFilesystem } from "./root_filesystem.ts";
import { softwareBillOfMaterials } from "./sbom.ts";

const projectRoot = join(import.meta.dir, "..", "..");
const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  version: string;
};
/** The data plane's thread is a program of its own in the bundle. */
const entryPoints = ["main.ts", "speaker/data_plane/worker.ts"];

/** Compiles the program for this machine; gives the path of the one file. */
export async function compileProgram(directory: string): Promise<string> {
  const output = join(directory, "metallb");
  const { exitCode, stderr } =
    await Bun.$`${process.execPath} build --compile --minify ${entryPoints} --outfile ${output}`
      .cwd(projectRoot)
      .quiet()
      .nothrow();
  if (exitCode !== 0) throw new Error(`bun build failed:\n${stderr.toString()}`);
  return output;
}

async function buildImage(file: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "metallb-build-"));
  try {
    const compiled = await compileProgram(work);
    const root = join(work, "root");
    await fillRootFilesystem(root, compiled);
    const architecture = process.arch === "arm64" ? "arm64" : "amd64";
    const created = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1_000);
    const reference = `metallb-ts:${version}`;
    const image = { root, output: file, reference, version, architecture, created } as const;
    const { digest, bytes } = await writeOciArchive(image);
    const sbomFile = `${file}.sbom.cdx.json`;
    writeFileSync(sbomFile, JSON.stringify(softwareBillOfMaterials(projectRoot, version, created), null, 2));
    console.log(`${file}: ${reference} for linux/${architecture}, ${(bytes / 1e6).toFixed(1)} MB, ${digest}`);
    console.log(`${sbomFile}: what it is made of (CycloneDX)`);
    console.log(`Load it on each node: ctr -n k8s.io images import ${file}, or podman load -i ${file}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  await buildImage(resolve(process.argv[2] ?? `metallb-ts-${version}.oci.tar`));
}
