import type { KubeObject } from "#k8s/mod.ts";
import { record, records, text } from "../../object.ts";
import type { Column } from "../../table/mod.ts";
import {
  ageColumn,
  column,
  containerColumns,
  createdAtColumn,
  integerColumn,
  labelsText,
  nameColumn,
  number,
  selectorText,
  shortened,
  wide,
} from "./common.ts";

const spec = (object: KubeObject) => record(object, "spec");
const status = (object: KubeObject) => record(object, "status");
const statusNumber = (name: string, field: string) =>
  integerColumn(name, (object) => number(status(object), field));
const selectorColumn = wide(column("Selector", (object) => selectorText(record(spec(object), "selector"))));

export const deploymentColumns: readonly Column[] = [
  nameColumn,
  column(
    "Ready",
    (object) => `${number(status(object), "readyReplicas")}/${number(spec(object), "replicas")}`,
  ),
  statusNumber("Up-to-date", "updatedReplicas"),
  statusNumber("Available", "availableReplicas"),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const replicaSetColumns: readonly Column[] = [
  nameColumn,
  integerColumn("Desired", (object) => number(spec(object), "replicas")),
  statusNumber("Current", "replicas"),
  statusNumber("Ready", "readyReplicas"),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const daemonSetColumns: readonly Column[] = [
  nameColumn,
  statusNumber("Desired", "desiredNumberScheduled"),
  statusNumber("Current", "currentNumberScheduled"),
  statusNumber("Ready", "numberReady"),
  statusNumber("Up-to-date", "updatedNumberScheduled"),
  statusNumber("Available", "numberAvailable"),
  column("Node Selector", (object) =>
    labelsText(record(record(record(spec(object), "template"), "spec"), "nodeSelector")),
  ),
  ageColumn,
  ...containerColumns,
  selectorColumn,
];

export const statefulSetColumns: readonly Column[] = [
  nameColumn,
  column(
    "Ready",
    (object) => `${number(status(object), "readyReplicas")}/${number(spec(object), "replicas")}`,
  ),
  ageColumn,
  ...containerColumns,
];

export const endpointSliceColumns: readonly Column[] = [
  nameColumn,
  column("AddressType", (slice) => slice.addressType),
  column("Ports", (slice) =>
    Array.isArray(slice.ports)
      ? shortened(
          records(slice, "ports").map((each) => String(each.port ?? "*")),
          3,
        )
      : "<unset>",
  ),
  column("Endpoints", (slice) => {
    const addresses = records(slice, "endpoints").flatMap(({ addresses: each }) =>
      Array.isArray(each) ? each.map(String) : [],
    );
    return addresses.length === 0 ? "<unset>" : shortened(addresses, 3);
  }),
  ageColumn,
];

export const leaseColumns: readonly Column[] = [
  nameColumn,
  column("Holder", (lease) => text(spec(lease), "holderIdentity")),
  ageColumn,
];

export const roleColumns: readonly Column[] = [nameColumn, createdAtColumn];

const subjects = (kind: string) => (object: KubeObject) =>
  records(object, "subjects")
    .filter((each) => each.kind === kind)
    .map((each) =>
      kind === "ServiceAccount" ? `${text(each, "namespace")}/${text(each, "name")}` : each.name,
    )
    .join(", ");

export const roleBindingColumns: readonly Column[] = [
  nameColumn,
  column("Role", (object) => {
    const role = record(object, "roleRef");
    return `${text(role, "kind")}/${text(role, "name")}`;
  }),
  ageColumn,
  wide(column("Users", subjects("User"))),
  wide(column("Groups", subjects("Group"))),
  wide(column("ServiceAccounts", subjects("ServiceAccount"))),
];

export const webhookConfigurationColumns: readonly Column[] = [
  nameColumn,
  integerColumn("Webhooks", (object) => records(object, "webhooks").length),
  ageColumn,
];

export const customResourceDefinitionColumns: readonly Column[] = [nameColumn, createdAtColumn];

export const podDisruptionBudgetColumns: readonly Column[] = [
  nameColumn,
  column("Min Available", (object) => spec(object).minAvailable ?? "N/A"),
  column("Max Unavailable", (object) => spec(object).maxUnavailable ?? "N/A"),
  statusNumber("Allowed Disruptions", "disruptionsAllowed"),
  ageColumn,
];

export const priorityClassColumns: readonly Column[] = [
  nameColumn,
  integerColumn("Value", (object) => number({ ...object }, "value")),
  { ...column("Global-Default", (object) => object.globalDefault === true), type: "boolean" },
  ageColumn,
  wide(column("PreemptionPolicy", (object) => object.preemptionPolicy)),
];

export const networkPolicyColumns: readonly Column[] = [
  nameColumn,
  column("Pod-Selector", (object) => selectorText(record(spec(object), "podSelector"))),
  ageColumn,
];

export const plainColumns: readonly Column[] = [nameColumn, ageColumn];
