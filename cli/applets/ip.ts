import { readFileSync } from "node:fs";
import type { Interface } from "./interfaces.ts";
import { readInterfaces } from "./interfaces.ts";
import { neighboursText, readNeighbours } from "./neighbours.ts";
import { type Applet, UsageError } from "./output.ts";
import { routesText } from "./routes.ts";

const usage = "ip [-4|-6] address|link|route|neigh [show] [[dev] NAME]";

interface Query {
  readonly object: "address" | "link" | "route" | "neigh";
  readonly family: 4 | 6 | undefined;
  readonly device: string | undefined;
}

/** `ip` as far as it shows: addresses, links, IPv4 routes and neighbours. It changes nothing. */
export const ip: Applet = async (args, output) => {
  const { object, family, device } = parse(args);
  if (object === "route") {
    await output.stdout(routesText(readFileSync("/proc/net/route", "utf8"), device));
    return 0;
  }
  if (object === "neigh") {
    await output.stdout(neighboursText(readNeighbours(), device));
    return 0;
  }
  const found = readInterfaces().filter(({ name }) => device === undefined || name === device);
  if (found.length === 0 && device !== undefined) {
    output.stderr(`Device "${device}" does not exist.\n`);
    return 1;
  }
  await output.stdout(found.map((each) => interfaceText(each, object === "address", family)).join(""));
  return 0;
};

/** In the form of iproute2. */
export function interfaceText(link: Interface, withAddresses: boolean, family?: 4 | 6): string {
  const { index, name, flags, mtu, state, type, mac, broadcast, master } = link;
  const mastered = master === undefined ? "" : ` master ${master}`;
  const lines = [
    `${index}: ${name}: <${flags.join(",")}>${mtu && ` mtu ${mtu}`}${mastered}${state && ` state ${state}`}`,
    `    ${type}${mac && ` ${mac}`}${broadcast && ` brd ${broadcast}`}`,
  ];
  for (const { isIpv6, address, prefixLength, scope } of withAddresses ? link.addresses : []) {
    if (family !== undefined && isIpv6 !== (family === 6)) continue;
    lines.push(
      `    ${isIpv6 ? "inet6" : "inet"} ${address}/${prefixLength} scope ${scope}${isIpv6 ? "" : ` ${name}`}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

const objects = ["address", "link", "route", "neighbour"] as const;

function parse(args: readonly string[]): Query {
  const words = [...args];
  let family: Query["family"];
  while (words[0]?.startsWith("-")) {
    const option = words.shift();
    if (option === "-4") family = 4;
    else if (option === "-6") family = 6;
    else throw wrong(`option "${option}" is unknown`);
  }
  const [name = "", verb = "show"] = words;
  // Any beginning of a name is the name, as iproute2 has it.
  const full =
    name === ""
      ? undefined
      : objects.find((each) => each.startsWith(name) || (each === "neighbour" && name === "neighbor"));
  if (!full) throw wrong(name === "" ? "nothing is asked for" : `object "${name}" is unknown`);
  if (!["show", "list", "ls", "lst"].includes(verb)) {
    if (["add", "del", "delete", "set", "replace", "change", "flush"].includes(verb))
      throw wrong(`this program changes nothing: "${verb}" is not for it`);
    throw wrong(`command "${verb}" is unknown`);
  }
  const rest = words.slice(2).filter((word) => word !== "dev");
  if (rest.length > 1) throw wrong(`"${rest.slice(1).join(" ")}" is not understood`);
  return { object: full === "neighbour" ? "neigh" : full, family, device: rest[0] };
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}\nUsage: ${usage}`);
}
