import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { appletNames } from "./applets.ts";
import type { Platform } from "./platform.ts";

const program = "usr/bin/metallb";

/** Nobody: without a shell and without a home. */
const accounts = {
  "etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
  "etc/group": "root:x:0:\nnobody:x:65534:\n",
  "etc/nsswitch.conf": "hosts: files dns\n",
};

/** What name resolution loads by itself, beside what the program says it needs. */
const loadedLater = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/** What Bun's binary for another architecture asks for; there is no ldd for it. */
const linked = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6"];

/** A library by the name that the program asks for, and the file that it is. */
export interface Library {
  path: string;
  file: string;
}

/**
 * Fills the directory with all that a container needs: the compiled program, the C library it is linked with, and two
 * accounts. No shell, no package manager; other programs' names are links to ours. The library is this machine's where no other is given, so build on what you
 * trust.
 */
export async function fillRootFilesystem(
  root: string,
  compiled: string,
  libraries?: Library[],
): Promise<void> {
  mkdirSync(join(root, dirname(program)), { recursive: true });
  cpSync(compiled, join(root, program));
  chmodSync(join(root, program), 0o755);
  mkdirSync(join(root, "bin"), { recursive: true });
  for (const name of appletNames) symlinkSync(`/${program}`, join(root, "bin", name));
  for (const { path, file } of libraries ?? (await librariesOf(compiled))) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    // Links of the system are followed: the name that the program asks for is what counts.
    cpSync(realpathSync(file), target);
    chmodSync(target, 0o755);
  }
  for (const [path, text] of Object.entries(accounts)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "tmp"), { mode: 0o1777 });
  chmodSync(join(root, "tmp"), 0o1777);
}

/** The shared libraries, as the dynamic linker finds them. */
async function librariesOf(compiled: string): Promise<Library[]> {
  const listed = await Bun.$`ldd ${compiled}`.quiet().text();
  const found = [...listed.matchAll(/(\/\S+\.so\S*)/g)].map(([, path]) => path as string);
  const libc = found.find((path) => path.endsWith("/libc.so.6"));
  if (!libc) throw new Error(`The program is not linked with a C library that can be copied:\n${listed}`);
  const later = loadedLater.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path));
  return [...new Set([...found, ...later])].map((path) => ({ path, file: path }));
}

/** The same of another architecture, out of Debian's libc6 that is unpacked at `sysroot`. */
export function foreignLibraries({ libraries, linker }: Platform, sysroot: string): Library[] {
  const paths = [linker, ...[...linked, ...loadedLater].map((name) => join(libraries, name))];
  return paths.map((path) => ({ path, file: join(sysroot, path) }));
}
