import { relative } from "node:path";
import { defaultOptions, examplesDirectory, nodesOf, type Sandbox } from "#sandbox/mod.ts";
import { listing } from "../layout.ts";
import type { Say, TextKey } from "./texts.ts";

/** How the user calls the program: `./run`, or `metallb` where it is installed. */
export interface Caller {
  command: string;
  directory: string;
}

/** What is told once everything runs: where it is, how to reach it, what to try. */
export function banner(sandbox: Sandbox, version: string, caller: Caller, say: Say): string {
  const { plan, addresses, support, stateDirectory } = sandbox;
  const packages = packagesCommand(caller);
  const at = (role: string) => plan.stations.filter((station) => station.role === role);
  const [router] = at("router");
  const rows: [string, string][] = [
    [
      say("nodes"),
      nodesOf(plan)
        .map(({ name, address }) => `${name} ${address}`)
        .join(", "),
    ],
  ];
  if (support.ok) {
    for (const role of ["controller", "client"] as const) {
      rows.push([
        say(role),
        at(role)
          .map(({ address }) => address)
          .join(),
      ]);
    }
    const routerText = router
      ? say("routerIs", { address: router.address, asn: 64501 })
      : say("noRouter", { packages });
    rows.push([say("router"), routerText]);
  }
  rows.push([say("console"), `${sandbox.loginUrl()}  (${say("consoleOnce")})`]);
  const targets = addresses.metrics.map(({ job, node, address }) => `${node ?? job} ${address}`);
  rows.push([say("metrics"), targets.join(", ")], ["", shown(addresses.prometheusFile, caller)]);
  rows.push([say("logs"), shown(`${stateDirectory}/logs`, caller)]);
  return [
    say("title", { version }),
    "",
    listing(rows),
    "",
    ...(support.ok ? [] : [recordOnlyLine(sandbox, caller, say), ""]),
    say("environment"),
    `  export KUBECONFIG=${quoted(addresses.kubeconfig)}`,
    "",
    say("try"),
    ...suggestions(sandbox, caller).map((line) => `  ${line}`),
    "",
    say("ending"),
  ].join("\n");
}

function recordOnlyLine({ support }: Sandbox, caller: Caller, say: Say): string {
  if (support.ok) return "";
  const key: TextKey = `why.${support.reason}`;
  const why = say(key, { detail: support.detail, packages: packagesCommand(caller) });
  return say("recordOnly", { why });
}

function suggestions(sandbox: Sandbox, caller: Caller): string[] {
  const { support, plan, router, stateDirectory } = sandbox;
  const example = (name: string) =>
    `kubectl apply -f ${quoted(shown(`${examplesDirectory}/${name}`, caller))}`;
  const isDefault = stateDirectory === `${caller.directory}/${defaultOptions.stateDirectory}`;
  const where = isDefault ? "" : ` --state-dir ${quoted(shown(stateDirectory, caller))}`;
  const verb = (words: string) => {
    const [name = "", ...rest] = words.split(" ");
    return `${caller.command} sandbox ${name}${where} ${rest.join(" ")}`.trimEnd();
  };
  const [first] = nodesOf(plan);
  const lines = [example("layer2.yaml"), "kubectl get service metallb-demo"];
  if (support.ok) lines.push(verb("exec client -- curl -s http://192.168.1.240/"));
  if (router) lines.push(`${example("bgp.yaml")}`, verb("exec router -- ip route"));
  return [...lines, verb(`kill speaker ${first?.name}`), verb("status")];
}

function packagesCommand({ command }: Caller): string {
  return command === "metallb" ? "apt-get" : `${command} packages`;
}

/** As short as it can be written from where the user stands. */
function shown(path: string, { directory }: Caller): string {
  const short = relative(directory, path);
  return short !== "" && !short.startsWith("..") ? short : path;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
