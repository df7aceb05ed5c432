import { parseAddress, parsePrefix } from "#core/net/mod.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "../../field_error.ts";
import { dnsLabel, dnsSubdomain, qualifiedNameProblem, validateLabels } from "../names.ts";
import { isExternallyAccessible, isHeadless, type ServicePort, type ServiceSpec } from "./fields.ts";

/** core/validation ValidateService, in its order and words. */
export function validateServiceSpec(spec: ServiceSpec): FieldError[] {
  const ports = spec.ports ?? [];
  const isLoadBalancer = spec.type === "LoadBalancer";
  const errors: FieldError[] = [];
  if (ports.length === 0 && spec.type !== "ExternalName" && !isHeadless(spec)) {
    errors.push(required("spec.ports"));
  }
  if (spec.type === "ExternalName") errors.push(...validateExternalName(spec));
  errors.push(
    ...ports.flatMap((port, index) => validatePort(port, `spec.ports[${index}]`, ports.length > 1)),
  );
  errors.push(...validateLabels(spec.selector, "spec.selector"));
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === "None" ? index > 0 : parseAddress(address) === undefined) {
      errors.push(
        invalid(`spec.clusterIPs[${index}]`, address, "must be empty, 'None', or a valid IP address"),
      );
    }
  }
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    if (parseAddress(address) === undefined) {
      errors.push(
        invalid(
          `spec.externalIPs[${index}]`,
          address,
          "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        ),
      );
    }
  }
  errors.push(...findDuplicates(ports));
  if (spec.type === "ClusterIP") {
    for (const [index, port] of ports.entries()) {
      if (port.nodePort) {
        errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
      }
    }
  }
  const sourceRanges = spec.loadBalancerSourceRanges ?? [];
  if (sourceRanges.length > 0 && !isLoadBalancer) {
    errors.push(forbidden("spec.loadBalancerSourceRanges", onlyLoadBalancer));
  }
  for (const [index, range] of sourceRanges.entries()) {
    if (parsePrefix(range.trim()) === undefined) {
      const detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
      errors.push(invalid(`spec.loadBalancerSourceRanges[${index}]`, range, detail));
    }
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", onlyLoadBalancer));
  }
  if (spec.loadBalancerClass !== undefined) {
    const wrong = qualifiedNameProblem(spec.loadBalancerClass);
    if (!isLoadBalancer) errors.push(forbidden("spec.loadBalancerClass", onlyLoadBalancer));
    else if (wrong !== undefined) {
      errors.push(invalid("spec.loadBalancerClass", spec.loadBalancerClass, wrong));
    }
  }
  if (spec.externalTrafficPolicy && !isExternallyAccessible(spec)) {
    const detail = "may only be set for externally-accessible services";
    errors.push(invalid("spec.externalTrafficPolicy", spec.externalTrafficPolicy, detail));
  }
  const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 86_400)) {
    const path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
    errors.push(invalid(path, timeoutSeconds, "must be greater than 0 and less than 86400"));
  }
  return errors;
}

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") return [required("spec.externalName")];
  const wrong = dnsSubdomain(name);
  return wrong === undefined ? [] : [invalid("spec.externalName", spec.externalName, wrong)];
}

function validatePort(port: ServicePort, path: string, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!port.name) {
    if (needsName) errors.push(required(`${path}.name`));
  } else {
    const wrong = dnsLabel(port.name);
    if (wrong !== undefined) errors.push(invalid(`${path}.name`, port.name, wrong));
  }
  if (!isPortNumber(port.port ?? 0)) {
    errors.push(invalid(`${path}.port`, port.port ?? 0, "must be between 1 and 65535, inclusive"));
  }
  const { targetPort } = port;
  if (typeof targetPort === "number" && !isPortNumber(targetPort)) {
    errors.push(invalid(`${path}.targetPort`, targetPort, "must be between 1 and 65535, inclusive"));
  } else if (typeof targetPort === "string") {
    for (const wrong of portNameProblems(targetPort)) {
      errors.push(invalid(`${path}.targetPort`, targetPort, wrong));
    }
  }
  if (port.appProtocol !== undefined) {
    const wrong = qualifiedNameProblem(port.appProtocol);
    if (wrong !== undefined) errors.push(invalid(`${path}.appProtocol`, port.appProtocol, wrong));
  }
  return errors;
}

/** Names and pairs of port and protocol are unique, and so are node ports per protocol. */
function findDuplicates(ports: readonly ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  const isNew = (key: string) => !seen.has(key) && seen.add(key) !== undefined;
  for (const [index, { name, port, protocol, nodePort }] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    if (name && !isNew(`name ${name}`)) errors.push(duplicate(`${path}.name`, name));
    if (!isNew(`port ${protocol}/${port}`)) errors.push(duplicate(path, { port, protocol }));
    if (nodePort && !isNew(`nodePort ${protocol}/${nodePort}`)) {
      errors.push(duplicate(`${path}.nodePort`, nodePort));
    }
  }
  return errors;
}

function isPortNumber(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** RFC 6335 §5.1, as apimachinery's IsValidPortName says it. */
function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(name)) problems.push("must contain at least one letter (a-z)");
  if (name.includes("--")) problems.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) problems.push("must not begin or end with a hyphen");
  return problems;
}
