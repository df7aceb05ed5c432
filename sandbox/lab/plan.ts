import { createHash } from "node:crypto";
import {
  formatAddress,
  formatPrefix,
  type Prefix,
  parsePrefix,
  prefixToRange,
  rangeSize,
  rangesOverlap,
} from "#core/net/mod.ts";
import { SandboxError } from "../error.ts";

export interface LabOptions {
  /** Absolute; the lab's identity derives from it, so that labs in different directories live side by side. */
  stateDirectory: string;
  /** 1..50. */
  nodes: number;
  /** `node` gives node1, node2, … */
  nodePrefix: string;
  /** 1..5; one where absent. */
  controllers?: number;
  /** IPv4 prefix of the LAN, such as `192.168.1.0/24`. */
  lan: string;
  /** IPv6 prefix of the LAN, such as `fd00:1::/64`; absent where it speaks IPv4 only. */
  lan6?: string;
  /** IPv4 prefix that the nodes' pod ranges are cut from, a /24 each. */
  podCidr: string;
  hasRouter: boolean;
}

/** One machine on the LAN: a network namespace with `eth0`, plugged into a port of the bridge. */
export interface Station {
  readonly role: "node" | "client" | "controller" | "router";
  /** `node1`, `client`, … */
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  /** Its number read as the same digits: beside 192.168.1.11 it is fd00:1::11. */
  readonly address6?: string;
  /** `02:00` and the address, so that a capture reads itself. */
  readonly mac: string;
  /** The bridge's port in the LAN namespace. */
  readonly port: string;
  /** Of a node only. */
  readonly podCidr?: string;
}

/** Everything that a lab is made of, by name, before any of it exists. */
export interface LabPlan {
  /** Eight hexadecimal digits, part of each namespace's name. */
  readonly id: string;
  readonly lan: string;
  readonly prefixLength: number;
  /** Of {@link Station.address6}. */
  readonly prefixLength6?: number;
  readonly podCidr: string;
  /** Holds the bridge `br0` and nothing else. */
  readonly lanNamespace: string;
  readonly stations: readonly Station[];
}

export const nodesMax = 50;
export const controllersMax = 5;
/** kube-apiserver's default `--service-cluster-ip-range` under kubeadm. */
export const serviceCidr = "10.96.0.0/12";
/** For Services of two families; pods and kube-proxy here speak IPv4 alone. */
export const serviceCidr6 = "fd00:96::/108";
const podCidrLength = 24;
/** So that a station's number, up to three hexadecimal digits, fits. */
const lan6LengthMax = 112;
/** Linux's IFNAMSIZ less the final zero. */
const interfaceNameMax = 15;

export function labId(stateDirectory: string): string {
  return createHash("sha256").update(stateDirectory).digest("hex").slice(0, 8);
}

/** What every namespace of a lab begins with. */
export function namespacePrefix(id: string): string {
  return `mlbsb-${id}-`;
}

/** Decides names and addresses; throws {@link SandboxError} where the options do not fit together. */
export function planLab(options: LabOptions): LabPlan {
  const lan = ipv4Prefix("--lan", options.lan);
  const lan6 = options.lan6 === undefined ? undefined : ipv6Prefix(options.lan6);
  const pods = ipv4Prefix("--pod-cidr", options.podCidr);
  checkOptions(options, lan, pods);
  const id = labId(options.stateDirectory);
  const { controllers = 1 } = options;
  const host = hostNumbers(lan, options.nodes, controllers);
  const station = (role: Station["role"], name: string, number: number): Station => ({
    role,
    name,
    namespace: namespacePrefix(id) + name,
    address: formatAddress({ family: "ipv4", value: lan.address.value + BigInt(number) }),
    ...(lan6 && {
      address6: formatAddress({ family: "ipv6", value: lan6.address.value + BigInt(`0x${number}`) }),
    }),
    mac: macOf(Number(lan.address.value) + number),
    port: name.length <= interfaceNameMax ? name : `port${number}`,
  });
  const stations = [
    station("client", "client", host.client),
    ...Array.from({ length: controllers }, (_, index) =>
      station("controller", index === 0 ? "controller" : `controller-${index + 1}`, host.controller + index),
    ),
  ];
  if (options.hasRouter) stations.unshift(station("router", "router", host.router));
  for (let index = 0; index < options.nodes; index++) {
    stations.push({
      ...station("node", `${options.nodePrefix}${index + 1}`, host.firstNode + index),
      podCidr: formatPrefix({
        address: { family: "ipv4", value: pods.address.value + BigInt(index * 2 ** (32 - podCidrLength)) },
        length: podCidrLength,
      }),
    });
  }
  return {
    id,
    lan: formatPrefix(lan),
    prefixLength: lan.length,
    ...(lan6 && { prefixLength6: lan6.length }),
    podCidr: formatPrefix(pods),
    lanNamespace: `${namespacePrefix(id)}lan`,
    stations,
  };
}

export function nodesOf(plan: LabPlan): Station[] {
  return plan.stations.filter((station) => station.role === "node");
}

export function stationNamed(plan: LabPlan, name: string): Station {
  const found = plan.stations.find((station) => station.name === name);
  if (found) return found;
  const names = plan.stations.map((station) => station.name).join(", ");
  throw new SandboxError(`There is no "${name}" in this sandbox; there are: ${names}.`);
}

function ipv4Prefix(option: string, text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix?.address.family === "ipv4") return prefix;
  throw new SandboxError(`${option} "${text}" is not an IPv4 prefix; write it as 192.168.1.0/24.`);
}

function ipv6Prefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix?.address.family !== "ipv6")
    throw new SandboxError(`--lan6 "${text}" is not an IPv6 prefix; write it as fd00:1::/64.`);
  if (prefix.length > lan6LengthMax)
    throw new SandboxError(`--lan6 ${text} is too small; allowed are lengths up to ${lan6LengthMax}.`);
  const services = parsePrefix(serviceCidr6);
  if (services && rangesOverlap(prefixToRange(prefix), prefixToRange(services)))
    throw new SandboxError(`--lan6 ${text} overlaps the Services' ${serviceCidr6}.`);
  return prefix;
}

function checkOptions(options: LabOptions, lan: Prefix, pods: Prefix): void {
  const { nodes, nodePrefix, controllers = 1 } = options;
  if (!Number.isInteger(controllers) || controllers < 1 || controllers > controllersMax) {
    throw new SandboxError(
      `--controllers ${controllers} is out of range; allowed are 1 to ${controllersMax}.`,
    );
  }
  if (nodePrefix === "controller-") {
    throw new SandboxError(
      '--node-prefix "controller-" makes the names that controllers have; choose another.',
    );
  }
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > nodesMax) {
    throw new SandboxError(`--nodes ${nodes} is out of range; allowed are 1 to ${nodesMax}.`);
  }
  if (!/^[a-z]([-a-z0-9]{0,38}[a-z-])?$/.test(nodePrefix)) {
    throw new SandboxError(
      `--node-prefix "${nodePrefix}" does not make a node name; allowed are up to 40 of a-z, 0-9 and "-", ` +
        `beginning with a letter and not ending with a digit.`,
    );
  }
  if (lan.length > 28 || rangeSize(prefixToRange(lan)) < nodes + controllers + 5) {
    throw new SandboxError(`--lan ${options.lan} is too small for ${nodes} nodes, a router and a client.`);
  }
  if (pods.length > podCidrLength || 2 ** (podCidrLength - pods.length) < nodes) {
    throw new SandboxError(
      `--pod-cidr ${options.podCidr} does not hold a /${podCidrLength} for each of ${nodes} nodes.`,
    );
  }
  const services = ipv4Prefix("service CIDR", serviceCidr);
  const ranges = [
    { name: `--lan ${options.lan}`, range: prefixToRange(lan) },
    { name: `--pod-cidr ${options.podCidr}`, range: prefixToRange(pods) },
    { name: `the Services' ${serviceCidr}`, range: prefixToRange(services) },
  ];
  for (const [index, a] of ranges.entries()) {
    for (const b of ranges.slice(index + 1)) {
      if (rangesOverlap(a.range, b.range)) throw new SandboxError(`${a.name} overlaps ${b.name}.`);
    }
  }
}

/** Roomy where the LAN has the usual size, packed together in a small one. */
function hostNumbers(
  lan: Prefix,
  nodes: number,
  controllers: number,
): Record<"router" | "controller" | "client" | "firstNode", number> {
  const isRoomy = lan.length <= 25 && 11 + nodes <= 100;
  return isRoomy
    ? { router: 1, controller: 5, client: 100, firstNode: 11 }
    : { router: 1, controller: 2, client: 2 + controllers, firstNode: 3 + controllers };
}

function macOf(address: number): string {
  const octets = [2, 0, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
