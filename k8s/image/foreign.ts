import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackDebianPackage } from "./debian_package.ts";
import type { Platform } from "./platform.ts";

const tools = join(import.meta.dir, "..", "..", ".tools");

/** What a program for another architecture is made of: Bun for it, of npm, and the C library for it, of Debian. */
export interface ForeignParts {
  /** Bun's binary, into which the program is compiled. */
  bun: string;
  /** A directory with Debian's libc6 in it. */
  sysroot: string;
}

/** Fetches them once into `.tools/`; neither is ever run here. Throws with what could not be had. */
export async function foreignParts(platform: Platform, bunVersion: string): Promise<ForeignParts> {
  const { architecture } = platform;
  const bun = join(tools, `bun-${bunVersion}-${architecture}`, "package", "bin", "bun");
  if (!existsSync(bun))
    await fetchBun(platform, bunVersion, join(tools, `bun-${bunVersion}-${architecture}`));
  const sysroot = join(tools, `libc6-${architecture}`);
  if (!existsSync(sysroot)) {
    console.log(`Fetching Debian's libc6 for ${architecture} …`);
    const trouble = unpackDebianPackage({ name: "libc6", architecture }, sysroot);
    if (trouble) {
      rmSync(sysroot, { recursive: true, force: true });
      throw new Error(`The C library for ${architecture} could not be had: ${trouble}`);
    }
  }
  return { bun, sysroot };
}

/** npm holds the archive against the registry's digest. */
async function fetchBun({ bunPackage }: Platform, version: string, directory: string): Promise<void> {
  console.log(`Fetching ${bunPackage}@${version} …`);
  const work = mkdtempSync(join(tmpdir(), "metallb-bun-"));
  try {
    const packed = await Bun.$`npm pack --silent --pack-destination ${work} ${bunPackage}@${version}`
      .quiet()
      .nothrow();
    const file = packed.stdout.toString().trim().split("\n").at(-1);
    if (packed.exitCode !== 0 || !file)
      throw new Error(`${bunPackage}@${version} could not be had of npm: ${packed.stderr.toString().trim()}`);
    mkdirSync(directory, { recursive: true });
    await Bun.$`tar xzf ${join(work, file)} -C ${directory}`.quiet();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
