import { SandboxError } from "../error.ts";

/** A root shell made with `su` has no sbin in its PATH, where Debian keeps ip, nft and bird. */
export const searchPath = [
  ...new Set([
    ...(process.env.PATH ?? "").split(":").filter(Boolean),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
  ]),
].join(":");

/** The program's path, or undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return Bun.which(name, { PATH: searchPath }) ?? undefined;
}

/** Runs to the end and gives its output; a failure carries the program's own words. */
export function run(argv: readonly string[], input = ""): string {
  const { exitCode, stdout, stderr } = runTolerant(argv, input);
  if (exitCode === 0) return stdout;
  throw new SandboxError(`"${argv.join(" ")}" failed with exit code ${exitCode}: ${stderr.trim()}`);
}

/** As {@link run}, for where a failure is an answer. */
export function runTolerant(
  argv: readonly string[],
  input = "",
): { exitCode: number; stdout: string; stderr: string } {
  const [name = "", ...rest] = argv;
  const program = findProgram(name);
  if (!program) throw new SandboxError(`"${name}" is not installed.`);
  const child = Bun.spawnSync([program, ...rest], {
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, PATH: searchPath },
  });
  return {
    exitCode: child.exitCode,
    stdout: child.stdout.toString(),
    stderr: child.stderr.toString(),
  };
}
