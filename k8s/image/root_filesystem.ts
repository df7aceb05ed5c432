import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const program = "usr/bin/metallb";

/** Nobody: without a shell and without a home. */
const accounts = {
  "etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
  "etc/group": "root:x:0:\nnobody:x:65534:\n",
  "etc/nsswitch.conf": "hosts: files dns\n",
};

/** What name resolution loads by itself, beside what the program says it needs. */
const loadedLater = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/**
 * Fills the directory with all that a container needs: the compiled program, the C library it is linked with, and two
 * accounts. No shell, no package manager. The library is this machine's, so build on what you trust.
 */
export async function fillRootFilesystem(root: string, compiled: string): Promise<void> {
  mkdirSync(join(root, dirname(program)), { recursive: true });
  cpSync(compiled, join(root, program));
  chmodSync(join(root, program), 0o755);
  for (const library of await librariesOf(compiled)) {
    const target = join(root, library);
    mkdirSync(dirname(target), { recursive: true });
    // Links of the system are followed: the name that the program asks for is what counts.
    cpSync(realpathSync(library), target);
    chmodSync(target, 0o755);
  }
  for (const [path, text] of Object.entries(accounts)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "tmp"), { mode: 0o1777 });
  chmodSync(join(root, "tmp"), 0o1777);
}

/** Paths of the shared libraries, as the dynamic linker finds them. */
async function librariesOf(compiled: string): Promise<string[]> {
  const listed = await Bun.$`ldd ${compiled}`.quiet().text();
  const found = [...listed.matchAll(/(\/\S+\.so\S*)/g)].map(([, path]) => path as string);
  const libc = found.find((path) => path.endsWith("/libc.so.6"));
  if (!libc) throw new Error(`The program is not linked with a C library that can be copied:\n${listed}`);
  const later = loadedLater.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path));
  return [...new Set([...found, ...later])];
}
