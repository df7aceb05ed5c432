import { readdirSync, statSync } from "node:fs";

/** Runs a program to its end; rejects with what it wrote to standard error when it fails. */
export async function run(command: readonly string[], input = ""): Promise<string> {
  const child = Bun.spawn([...command], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [code, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code === 0) return output;
  const words = errors.trim().split("\n").slice(0, 3).join("; ");
  throw new Error(`"${command.join(" ")}" failed with exit code ${code}: ${words || "no message"}`);
}

/** Runs `ip` commands in one go, in order; later ones are tried although an earlier one failed. */
export async function ipBatch(commands: readonly string[]): Promise<void> {
  if (commands.length > 0) await run(["ip", "-force", "-batch", "-"], `${commands.join("\n")}\n`);
}

/** Where iproute2 keeps the namespaces that have a name. */
const namedNamespaces = "/run/netns";

/**
 * Throws unless this process is in a network namespace that somebody made by `ip netns add`. Addresses, routes, rules
 * and `ip_forward` are about to be changed, and those of the machine itself are not ours.
 */
export function assertNamedNamespace(): void {
  const own = statSync("/proc/self/ns/net").ino;
  const isNamed = (name: string) =>
    statSync(`${namedNamespaces}/${name}`, { throwIfNoEntry: false })?.ino === own;
  try {
    if (readdirSync(namedNamespaces).some(isNamed)) return;
  } catch (error) {
    // Without the directory there are no named namespaces, and we are not in one.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  throw new Error(
    "Cannot run a node's agent here: it changes the network, so it must run in a named network namespace (ip netns exec)",
  );
}
