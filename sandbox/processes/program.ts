import { existsSync } from "node:fs";
import { join } from "node:path";

/** How to run `metallb`: from the sources with this Bun, or the single binary itself. */
export function metallbProgram(): string[] {
  const source = join(import.meta.dir, "..", "..", "main.ts");
  return existsSync(source) && !source.startsWith("/$bunfs/")
    ? [process.execPath, source]
    : [process.execPath];
}
