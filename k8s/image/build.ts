/**
 * `./run image [--platform linux/amd64,linux/arm64] [FILE]`: the container image without a container engine. It compiles
 * the program, puts it and its C library into an OCI archive, and writes beside it what the program is made of (SBOM).
 * `--root DIRECTORY` only lays out what would be in the image, which is what the Dockerfile asks for.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { foreignParts } from "./foreign.ts";
import { writeOciArchive } from "./oci_archive.ts";
import { isOwn, type Platform, parsePlatforms } from "./platform.ts";
import { fillRootFilesystem, foreignLibraries } from "./root_filesystem.ts";
import { softwareBillOfMaterials } from "./sbom.ts";

const projectRoot = join(import.meta.dir, "..", "..");
const { version, engines } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  version: string;
  engines: { bun: string };
};
/** The data plane's thread is a program of its own in the bundle. */
const entryPoints = ["main.ts", "speaker/data_plane/worker.ts"];

/** Compiles the program, for this machine where no other Bun is given; gives the path of the one file. */
export async function compileProgram(directory: string, flags: string[] = []): Promise<string> {
  const output = join(directory, "metallb");
  const { exitCode, stderr } =
    await Bun.$`${process.execPath} build --compile --minify ${flags} ${entryPoints} --outfile ${output}`
      .cwd(projectRoot)
      .quiet()
      .nothrow();
  if (exitCode !== 0) throw new Error(`bun build failed:\n${stderr.toString()}`);
  return output;
}

/** Fills the directory with what a container of that platform needs. */
async function layOut(root: string, platform: Platform, work: string): Promise<void> {
  if (isOwn(platform)) return fillRootFilesystem(root, await compileProgram(work));
  const { bun, sysroot } = await foreignParts(platform, engines.bun);
  const compiled = await compileProgram(work, [
    `--target=${platform.bunTarget}`,
    `--compile-executable-path=${bun}`,
  ]);
  await fillRootFilesystem(root, compiled, foreignLibraries(platform, sysroot));
}

async function buildImage(file: string, platforms: Platform[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "metallb-build-"));
  try {
    const images = [];
    for (const platform of platforms) {
      const root = join(work, platform.architecture);
      await layOut(root, platform, work);
      images.push({ root, architecture: platform.architecture });
    }
    const created = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1_000);
    const reference = `metallb-ts:${version}`;
    const { digest, bytes } = await writeOciArchive({ images, output: file, reference, version, created });
    const sbomFile = `${file}.sbom.cdx.json`;
    writeFileSync(sbomFile, JSON.stringify(softwareBillOfMaterials(projectRoot, version, created), null, 2));
    const names = platforms.map(({ architecture }) => `linux/${architecture}`).join(" and ");
    console.log(`${file}: ${reference} for ${names}, ${(bytes / 1e6).toFixed(1)} MB, ${digest}`);
    console.log(`${sbomFile}: what it is made of (CycloneDX)`);
    console.log(`Load it on each node: ctr -n k8s.io images import ${file}, or podman load -i ${file}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { platform: { type: "string" }, root: { type: "string" } },
    allowPositionals: true,
  });
  const platforms = parsePlatforms(values.platform);
  if (values.root === undefined) {
    const [file = `metallb-ts-${version}.oci.tar`] = positionals;
    return buildImage(resolve(file), platforms);
  }
  const [platform, ...others] = platforms;
  if (!platform || others.length > 0)
    throw new Error("--root lays out one platform; --platform names several");
  const work = mkdtempSync(join(tmpdir(), "metallb-build-"));
  await layOut(resolve(values.root), platform, work).finally(() =>
    rmSync(work, { recursive: true, force: true }),
  );
}

if (import.meta.main) {
  await main().catch((error) => {
    console.error(`image: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
}
