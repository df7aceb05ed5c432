/**
 * The programs that the sandbox and the tests use beside Bun, by their Debian packages. `./run packages` installs
 * what is missing, as root on Debian; `./run test` does so first.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { kubectlDirectory, provideKubectl } from "./packages/kubectl.ts";

const packages = [
  {
    name: "iproute2",
    program: "ip",
    use: "network namespaces: the sandbox's LAN, integration and end-to-end tests",
  },
  { name: "nftables", program: "nft", use: "what kube-proxy does on the sandbox's nodes, end-to-end tests" },
  { name: "bird2", program: "bird", use: "the sandbox's router, BGP tests" },
  { name: "frr", program: "vtysh", use: "BGP tests against FRR" },
  { name: "gobgpd", program: "gobgpd", use: "BGP tests against GoBGP" },
  { name: "exabgp", program: "exabgp", use: "BGP tests against ExaBGP" },
  { name: "openbgpd", program: "bgpctl", use: "BGP tests against OpenBGPD" },
  { name: "arping", program: "arping", use: "ARP tests" },
  { name: "arp-scan", program: "arp-scan", use: "ARP tests" },
  { name: "python3-scapy", program: "scapy3", use: "tests that send malformed frames" },
  { name: "ndisc6", program: "ndisc6", use: "NDP tests" },
  { name: "keepalived", program: "keepalived", use: "the failover benchmark, to be compared with" },
  { name: "tcpdump", program: "tcpdump", use: "tests that look at frames" },
  { name: "openssl", program: "openssl", use: "tests of TLS and of certificates" },
  { name: "crun", program: "crun", use: "the test that starts the container image" },
  { name: "curl", program: "curl", use: "end-to-end tests" },
  { name: "prometheus", program: "prometheus", use: "tests of a real scrape, of alerts and of queries" },
  { name: "chromium", program: "chromium", use: "the console's tests" },
] as const;

/** Those without which `./run sandbox` has no LAN, no router, or no way to try it. */
const forSandbox = ["iproute2", "nftables", "bird2", "curl"];

const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Written by metallb-ts while it installs test packages.";

const find = (program: string) => Bun.which(program, { PATH: process.env.PATH ?? "" });

/** Installs what is missing where it may; gives a sentence for each thing that stays missing. */
export function preparePackages(wanted: readonly string[] = packages.map(({ name }) => name)): string[] {
  process.env.PATH = [kubectlDirectory, process.env.PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"].join(":");
  const isDebian = find("apt-get") !== null && find("dpkg") !== null;
  const missing = () => packages.filter(({ name, program }) => wanted.includes(name) && !find(program));
  const notes: string[] = [];
  if (missing().length > 0 && isDebian && process.getuid?.() === 0) {
    notes.push(...installPackages(missing().map(({ name }) => name)));
  }
  for (const { name, program, use } of missing())
    notes.push(`${program}, for ${use}: apt-get install ${name}`);
  if (!find("kubectl")) {
    const trouble = isDebian ? provideKubectl() : "no Debian to take it from";
    if (trouble) notes.push(`kubectl 1.32 or newer, for end-to-end tests: ${trouble}`);
  }
  if (process.getuid?.() !== 0) notes.push("root, for network namespaces: tests that need them are skipped");
  return notes;
}

function installPackages(names: string[]): string[] {
  console.log(`Installing ${names.join(" ")} …`);
  return withoutStartingServices(() => {
    const install = () => apt(["install", "-y", "-qq", "--no-install-recommends", ...names]);
    if (install() === undefined) return [];
    apt(["update", "-qq"]);
    const trouble = install();
    return trouble === undefined ? [] : [`apt-get install ${names.join(" ")} failed: ${trouble}`];
  });
}

/** The last line of apt-get's complaint, or undefined where it went well. */
function apt(args: string[]): string | undefined {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { exitCode, stderr } = Bun.spawnSync(["apt-get", ...args], { env, stdout: "ignore", stderr: "pipe" });
  return exitCode === 0
    ? undefined
    : (stderr.toString().trim().split("\n").at(-1) ?? `exit code ${exitCode}`);
}

/** Debian's packages start their daemons unless policy-rc.d forbids it; an administrator's own policy stays. */
function withoutStartingServices<Result>(action: () => Result): Result {
  const isOurs = existsSync(policyFile) && readFileSync(policyFile, "utf8").includes(policyMark);
  if (existsSync(policyFile) && !isOurs) return action();
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  try {
    return action();
  } finally {
    rmSync(policyFile, { force: true });
  }
}

if (import.meta.main) {
  const notes = process.argv[2] === "sandbox" ? preparePackages(forSandbox) : preparePackages();
  for (const note of notes) console.log(note);
  const kubectl = find("kubectl");
  console.log(
    notes.length > 0 ? "The above is missing." : "Everything is there.",
    kubectl ? `kubectl is ${kubectl}.` : "",
  );
  process.exit(notes.length > 0 ? 1 : 0);
}
