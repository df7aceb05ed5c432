import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const prefix = resolve(import.meta.dir, "../../.tools/kubectl");
/** Where {@link provideKubectl} puts it; belongs into PATH. */
export const kubectlDirectory = join(prefix, "usr/bin");

/** Debian's first release with a package of kubectl. It needs libc 2.34 only, which bookworm has. */
const suite = "trixie";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Fetches Debian's kubectl from the mirror this machine uses and unpacks it into `.tools/kubectl`. apt verifies it
 * against Debian's keyring, with lists and cache of its own: the machine's package sources stay as they are, and
 * root is not needed. Gives what went wrong, or undefined.
 */
export function provideKubectl(): string | undefined {
  const mirror = debianMirror();
  if (!mirror) return "no Debian mirror among the machine's package sources";
  console.log(`Fetching kubectl of Debian ${suite} …`);
  const folder = mkdtempSync(join(tmpdir(), "kubectl-"));
  try {
    return fetchInto(folder, mirror);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fetchInto(folder: string, mirror: string): string | undefined {
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "status"), "");
  writeFileSync(
    join(folder, "debian.sources"),
    `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`,
  );
  const options = [
    `Dir::Etc::SourceList=${folder}/debian.sources`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${folder}/lists`,
    `Dir::State::Status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
  ].flatMap((option) => ["-o", option]);
  for (const verb of [["update"], ["download", `kubectl/${suite}`]]) {
    const trouble = run(["apt-get", "-q", ...options, ...verb], folder);
    if (trouble) return trouble;
  }
  const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (!archive) return "apt-get downloaded nothing";
  mkdirSync(prefix, { recursive: true });
  return run(["dpkg", "-x", join(folder, archive), prefix], folder);
}

/** The mirror that Debian itself comes from here, as apt understands the machine's sources. */
function debianMirror(): string | undefined {
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(outputOf(["cat", "/etc/os-release"]))?.[1];
  const format = "$(SITE)|$(CODENAME)|$(COMPONENT)";
  return outputOf(["apt-get", "indextargets", "--format", format, "Created-By: Packages"])
    .split("\n")
    .map((line) => line.split("|"))
    .find(([, release, component]) => release === codename && component === "main")?.[0];
}

function outputOf(argv: string[]): string {
  return Bun.spawnSync(argv, { stderr: "ignore" }).stdout.toString();
}

/** What went wrong, or undefined. */
function run(argv: string[], cwd: string): string | undefined {
  const { exitCode, stderr } = Bun.spawnSync(argv, { cwd, stdout: "ignore", stderr: "pipe" });
  if (exitCode === 0) return undefined;
  const complaint = stderr.toString().trim().split("\n").at(-1) ?? "";
  return `"${argv[0]} ${argv.at(-1)}" failed: ${complaint || `exit code ${exitCode}`}`;
}
