import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DebianPackage {
  name: string;
  /** `trixie`; without it the machine's own release. */
  suite?: string;
  /** `arm64`; without it the machine's own. */
  architecture?: string;
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Fetches a package from the mirror that this machine uses and unpacks it into a directory. apt verifies it against
 * Debian's keyring, with lists and cache of its own: the machine's sources, architectures and packages stay as they
 * are, and root is not needed. Gives what went wrong, or undefined.
 */
export function unpackDebianPackage(wanted: DebianPackage, directory: string): string | undefined {
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(outputOf(["cat", "/etc/os-release"]))?.[1] ?? "";
  const mirror = debianMirror(codename);
  if (!mirror) return "no Debian mirror among the machine's package sources";
  const folder = mkdtempSync(join(tmpdir(), "debian-package-"));
  try {
    const trouble = fetchInto(folder, mirror, { suite: codename, ...wanted });
    if (trouble) return trouble;
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    if (!archive) return "apt-get downloaded nothing";
    mkdirSync(directory, { recursive: true });
    return run(["dpkg", "-x", join(folder, archive), directory], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Complete = DebianPackage & { suite: string };

function fetchInto(
  folder: string,
  mirror: string,
  { name, suite, architecture }: Complete,
): string | undefined {
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "status"), "");
  writeFileSync(
    join(folder, "debian.sources"),
    `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`,
  );
  const options = [
    ...(architecture ? [`APT::Architecture=${architecture}`, `APT::Architectures=${architecture}`] : []),
    `Dir::Etc::SourceList=${folder}/debian.sources`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${folder}/lists`,
    `Dir::State::Status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
  ].flatMap((option) => ["-o", option]);
  for (const verb of [["update"], ["download", `${name}/${suite}`]]) {
    const trouble = run(["apt-get", "-q", ...options, ...verb], folder);
    if (trouble) return trouble;
  }
  return undefined;
}

/** The mirror that Debian itself comes from here, as apt understands the machine's sources. */
function debianMirror(codename: string): string | undefined {
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
