import { join, resolve } from "node:path";
import { unpackDebianPackage } from "../../k8s/image/debian_package.ts";

const prefix = resolve(import.meta.dir, "../../.tools/kubectl");
/** Where {@link provideKubectl} puts it; belongs into PATH. */
export const kubectlDirectory = join(prefix, "usr/bin");

/** Debian's first release with a package of kubectl. It needs libc 2.34 only, which bookworm has. */
const suite = "trixie";

/** Unpacks Debian's kubectl into `.tools/kubectl`. Gives what went wrong, or undefined. */
export function provideKubectl(): string | undefined {
  console.log(`Fetching kubectl of Debian ${suite} …`);
  return unpackDebianPackage({ name: "kubectl", suite }, prefix);
}
