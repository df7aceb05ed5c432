import { parseAddress } from "#core/net/mod.ts";
import { type FieldError, invalid } from "../../field_error.ts";
import { StatusError } from "../../status_error.ts";
import type { ServiceAllocator } from "./allocator.ts";
import {
  isHeadless,
  needsClusterIp,
  needsHealthCheckPort,
  needsNodePorts,
  type ServiceSpec,
} from "./fields.ts";

/** Gives the draft families, clusterIPs and ports that it needs and has not; `held` is what its stored version has. */
export function allocate(
  spec: ServiceSpec,
  allocator: ServiceAllocator,
  held: ServiceSpec | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  if (needsClusterIp(spec)) {
    errors.push(...chooseFamilies(spec, allocator));
    if (errors.length === 0) errors.push(...allocateAddresses(spec, allocator, held));
  }
  return [...errors, ...allocatePorts(spec, allocator, held)];
}

function chooseFamilies(spec: ServiceSpec, allocator: ServiceAllocator): FieldError[] {
  const cluster: string[] = allocator.families.map((family) => (family === "ipv4" ? "IPv4" : "IPv6"));
  const asked = spec.ipFamilies ?? [];
  const fromAddresses = (spec.clusterIPs ?? []).flatMap((address) => {
    const family = parseAddress(address)?.family;
    return family === undefined ? [] : [family === "ipv4" ? "IPv4" : "IPv6"];
  });
  for (const [index, family] of asked.entries()) {
    if (!cluster.includes(family)) {
      return [invalid(`spec.ipFamilies[${index}]`, family, "not configured on this cluster")];
    }
  }
  spec.ipFamilyPolicy ??= asked.length > 1 || fromAddresses.length > 1 ? "RequireDualStack" : "SingleStack";
  if (spec.ipFamilyPolicy === "RequireDualStack" && cluster.length < 2) {
    return [
      invalid(
        "spec.ipFamilyPolicy",
        spec.ipFamilyPolicy,
        "this cluster is not configured for dual-stack services",
      ),
    ];
  }
  const wanted = spec.ipFamilyPolicy === "SingleStack" ? 1 : Math.min(2, cluster.length);
  const chosen = [...new Set([...fromAddresses, ...asked, ...cluster])].slice(0, wanted);
  spec.ipFamilies = chosen;
  return [];
}

function allocateAddresses(
  spec: ServiceSpec,
  allocator: ServiceAllocator,
  held: ServiceSpec | undefined,
): FieldError[] {
  if (isHeadless(spec)) {
    spec.clusterIPs = ["None"];
    spec.clusterIP = "None";
    return [];
  }
  const errors: FieldError[] = [];
  const asked = spec.clusterIPs ?? [];
  spec.clusterIPs = (spec.ipFamilies ?? []).map((name, index) => {
    const address = asked[index];
    if (address !== undefined && address !== "") {
      const problem = held?.clusterIPs?.includes(address) ? undefined : allocator.addressProblem(address);
      if (problem !== undefined) errors.push(invalid("spec.clusterIPs", [address], problem));
      return address;
    }
    const picked = allocator.pickAddress(name === "IPv6" ? "ipv6" : "ipv4");
    if (picked === undefined) throw rangeIsFull("failed to allocate a serviceIP: range is full");
    return picked;
  });
  spec.clusterIP = spec.clusterIPs[0] ?? "";
  return errors;
}

function allocatePorts(
  spec: ServiceSpec,
  allocator: ServiceAllocator,
  held: ServiceSpec | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  const heldPorts = new Set((held?.ports ?? []).map(({ nodePort, protocol }) => `${protocol}/${nodePort}`));
  const taken = new Set(ports.flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])));
  for (const [index, port] of ports.entries()) {
    if (port.nodePort) {
      if (heldPorts.has(`${port.protocol}/${port.nodePort}`)) continue;
      const problem = allocator.nodePortProblem(port.nodePort, port.protocol ?? "TCP");
      if (problem !== undefined)
        errors.push(invalid(`spec.ports[${index}].nodePort`, port.nodePort, problem));
    } else if (needsNodePorts(spec)) {
      // One number for TCP and UDP of one port, as the real allocator gives.
      const twin = ports.find((other) => other !== port && other.port === port.port && other.nodePort);
      const picked = twin?.nodePort ?? allocator.pickNodePort(taken);
      if (picked === undefined) throw rangeIsFull("failed to allocate a nodePort: range is full");
      port.nodePort = picked;
      taken.add(picked);
    }
  }
  if (needsHealthCheckPort(spec)) {
    if (!spec.healthCheckNodePort) {
      const picked = allocator.pickNodePort(taken);
      if (picked === undefined) throw rangeIsFull("failed to allocate a nodePort: range is full");
      spec.healthCheckNodePort = picked;
    } else if (spec.healthCheckNodePort !== held?.healthCheckNodePort) {
      const problem = allocator.nodePortProblem(spec.healthCheckNodePort, "TCP");
      if (problem !== undefined) {
        errors.push(invalid("spec.healthCheckNodePort", spec.healthCheckNodePort, problem));
      }
    }
  }
  return errors;
}

function rangeIsFull(why: string): StatusError {
  return new StatusError(500, "InternalError", `Internal error occurred: ${why}`);
}
