import type { KubeObject } from "#k8s/mod.ts";
import { record, records, text } from "../../object.ts";
import { type CellContext, type Column, humanDuration } from "../../table/mod.ts";
import type { ServiceSpec } from "../service/mod.ts";
import {
  ageColumn,
  column,
  integerColumn,
  joined,
  labelsText,
  nameColumn,
  none,
  number,
  shortened,
  wide,
} from "./common.ts";

export const serviceColumns: readonly Column[] = [
  nameColumn,
  column("Type", (service) => serviceSpec(service).type),
  column("Cluster-IP", (service) => serviceSpec(service).clusterIPs?.[0] || none),
  column("External-IP", externalAddresses),
  column("Port(s)", (service) =>
    joined(
      (serviceSpec(service).ports ?? []).map(({ port, protocol, nodePort }) =>
        nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
      ),
    ),
  ),
  ageColumn,
  wide(column("Selector", (service) => labelsText(record(record(service, "spec"), "selector")))),
];

function serviceSpec(service: KubeObject): ServiceSpec {
  return (service.spec ?? {}) as ServiceSpec;
}

function externalAddresses(service: KubeObject): string {
  const { type, externalIPs = [], externalName } = serviceSpec(service);
  if (type === "ExternalName") return externalName ?? "";
  if (type !== "LoadBalancer") return joined(externalIPs);
  const ingress = records(record(record(service, "status"), "loadBalancer"), "ingress");
  const all = [...ingress.map((each) => text(each, "ip") || text(each, "hostname")), ...externalIPs];
  return all.length === 0 ? "<pending>" : [...new Set(all)].join(",");
}

export const nodeColumns: readonly Column[] = [
  nameColumn,
  column("Status", (node) => {
    const ready = records(record(node, "status"), "conditions").find((each) => each.type === "Ready");
    const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
    return record(node, "spec").unschedulable === true ? `${state},SchedulingDisabled` : state;
  }),
  column("Roles", (node) => {
    const prefix = "node-role.kubernetes.io/";
    const labels = node.metadata.labels ?? {};
    const roles = Object.keys(labels).flatMap((key) => {
      if (key.startsWith(prefix) && key.length > prefix.length) return [key.slice(prefix.length)];
      return key === "kubernetes.io/role" && labels[key] ? [labels[key]] : [];
    });
    return joined(roles.sort());
  }),
  ageColumn,
  column("Version", (node) => nodeInfo(node, "kubeletVersion")),
  wide(column("Internal-IP", (node) => nodeAddress(node, "InternalIP"))),
  wide(column("External-IP", (node) => nodeAddress(node, "ExternalIP"))),
  wide(column("OS-Image", (node) => nodeInfo(node, "osImage") || "<unknown>")),
  wide(column("Kernel-Version", (node) => nodeInfo(node, "kernelVersion") || "<unknown>")),
  wide(column("Container-Runtime", (node) => nodeInfo(node, "containerRuntimeVersion") || "<unknown>")),
];

function nodeInfo(node: KubeObject, field: string): string {
  return text(record(record(node, "status"), "nodeInfo"), field);
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = records(record(node, "status"), "addresses").find((each) => each.type === type);
  return text(found, "address") || none;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column("Ready", (pod) => {
    const statuses = records(record(pod, "status"), "containerStatuses");
    const ready = statuses.filter((each) => each.ready === true).length;
    return `${ready}/${records(record(pod, "spec"), "containers").length}`;
  }),
  column("Status", podStatus),
  column("Restarts", podRestarts),
  ageColumn,
  wide(column("IP", (pod) => text(record(pod, "status"), "podIP") || none)),
  wide(column("Node", (pod) => text(record(pod, "spec"), "nodeName") || none)),
  wide(column("Nominated Node", (pod) => text(record(pod, "status"), "nominatedNodeName") || none)),
  wide(column("Readiness Gates", readinessGates)),
];

/** The reason of a waiting or ended container says more than the phase. */
function podStatus(pod: KubeObject): string {
  const status = record(pod, "status");
  let reason = text(status, "reason") || text(status, "phase");
  let isRunning = false;
  for (const container of records(status, "containerStatuses").toReversed()) {
    const state = record(container, "state");
    const waiting = text(record(state, "waiting"), "reason");
    const terminated = record(state, "terminated");
    if (waiting !== "") reason = waiting;
    else if ("exitCode" in terminated) {
      reason = text(terminated, "reason") || `ExitCode:${terminated.exitCode}`;
    } else if (container.ready === true && "running" in state) isRunning = true;
  }
  if (reason === "Completed" && isRunning) reason = "Running";
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  return text(status, "reason") === "NodeLost" ? "Unknown" : "Terminating";
}

function podRestarts(pod: KubeObject, { now }: CellContext): string {
  const statuses = records(record(pod, "status"), "containerStatuses");
  const count = statuses.reduce((sum, each) => sum + number(each, "restartCount"), 0);
  const ends = statuses.map((each) =>
    Date.parse(text(record(record(each, "lastState"), "terminated"), "finishedAt")),
  );
  const last = Math.max(...ends.filter((each) => !Number.isNaN(each)));
  return count > 0 && Number.isFinite(last) ? `${count} (${humanDuration(now - last)} ago)` : String(count);
}

function readinessGates(pod: KubeObject): string {
  const gates = records(record(pod, "spec"), "readinessGates");
  if (gates.length === 0) return none;
  const conditions = records(record(pod, "status"), "conditions");
  const met = gates.filter(({ conditionType }) =>
    conditions.some((each) => each.type === conditionType && each.status === "True"),
  );
  return `${met.length}/${gates.length}`;
}

export const namespaceColumns: readonly Column[] = [
  nameColumn,
  column("Status", (namespace) => text(record(namespace, "status"), "phase")),
  ageColumn,
];

export const configMapColumns: readonly Column[] = [
  nameColumn,
  integerColumn("Data", (map) => size(map, "data") + size(map, "binaryData")),
  ageColumn,
];

export const secretColumns: readonly Column[] = [
  nameColumn,
  column("Type", (secret) => secret.type),
  integerColumn("Data", (secret) => size(secret, "data")),
  ageColumn,
];

export const serviceAccountColumns: readonly Column[] = [
  nameColumn,
  integerColumn("Secrets", (account) => records(account, "secrets").length),
  ageColumn,
];

export const endpointsColumns: readonly Column[] = [
  nameColumn,
  column("Endpoints", (endpoints) => {
    const all = records(endpoints, "subsets").flatMap((subset) => {
      const addresses = records(subset, "addresses").map((each) => text(each, "ip"));
      const ports = records(subset, "ports").map((each) => each.port);
      return ports.length === 0
        ? addresses
        : ports.flatMap((port) => addresses.map((address) => `${address}:${port}`));
    });
    return shortened(all, 3);
  }),
  ageColumn,
];

function size(object: KubeObject, field: string): number {
  return Object.keys(record(object, field)).length;
}
