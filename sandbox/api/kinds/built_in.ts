import { record, text } from "../object.ts";
import { builtInSchema } from "../schema/mod.ts";
import type { SelectableFields } from "../selectors/mod.ts";
import * as core from "./columns/core.ts";
import { eventColumns } from "./columns/event.ts";
import * as columns from "./columns/others.ts";
import { eventConversion } from "./event_conversion.ts";
import type { Kind, Strategy } from "./kind.ts";
import { dns1035Label, dnsLabel, dnsSubdomain, pathSegment } from "./names.ts";
import { type ServiceAllocator, serviceStrategy } from "./service/mod.ts";
import * as plain from "./strategies/plain.ts";
import { podStrategy } from "./strategies/pod.ts";
import { workloadStrategy } from "./strategies/workload.ts";

type Row = Pick<Kind, "group" | "kind" | "plural" | "namespaced"> &
  Partial<Omit<Kind, "schema">> & {
    /** Name of the type in the table of schemas; `V1` and the kind where absent. */
    model?: string;
  };

const core1 = { group: "", namespaced: true };
const apps = {
  group: "apps",
  namespaced: true,
  categories: ["all"],
  hasStatus: true,
  hasGeneration: true,
  strategy: workloadStrategy,
};
const rbac = { group: "rbac.authorization.k8s.io", nameRule: pathSegment };
const admission = {
  group: "admissionregistration.k8s.io",
  namespaced: false,
  categories: ["api-extensions"],
  hasGeneration: true,
  columns: columns.webhookConfigurationColumns,
};
const scale = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

/** Every built-in kind, a row each. What a row leaves out is what most kinds do: see {@link completed}. */
export function builtInKinds(options: {
  serviceAllocator: ServiceAllocator;
  customResourceDefinitions: Strategy;
}): Kind[] {
  const rows: Row[] = [
    {
      ...core1,
      kind: "Namespace",
      plural: "namespaces",
      namespaced: false,
      shortNames: ["ns"],
      nameRule: dnsLabel,
      hasStatus: true,
      columns: core.namespaceColumns,
      selectableFields: at("status.phase"),
      strategy: plain.namespaceStrategy,
    },
    {
      ...core1,
      kind: "Node",
      plural: "nodes",
      namespaced: false,
      shortNames: ["no"],
      hasStatus: true,
      columns: core.nodeColumns,
      selectableFields: at("spec.unschedulable"),
    },
    {
      ...core1,
      kind: "Service",
      plural: "services",
      shortNames: ["svc"],
      categories: ["all"],
      nameRule: dns1035Label,
      hasStatus: true,
      columns: core.serviceColumns,
      selectableFields: at("spec.clusterIP", "spec.type"),
      strategy: serviceStrategy(options.serviceAllocator),
    },
    {
      ...core1,
      kind: "Pod",
      plural: "pods",
      shortNames: ["po"],
      categories: ["all"],
      hasStatus: true,
      columns: core.podColumns,
      selectableFields: at(
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
      ),
      strategy: podStrategy,
    },
    {
      ...core1,
      kind: "Secret",
      plural: "secrets",
      columns: core.secretColumns,
      selectableFields: at("type"),
      strategy: plain.dataStrategy,
    },
    {
      ...core1,
      kind: "ConfigMap",
      plural: "configmaps",
      shortNames: ["cm"],
      columns: core.configMapColumns,
      strategy: plain.dataStrategy,
    },
    {
      ...core1,
      kind: "ServiceAccount",
      plural: "serviceaccounts",
      shortNames: ["sa"],
      columns: core.serviceAccountColumns,
    },
    {
      ...core1,
      kind: "Endpoints",
      plural: "endpoints",
      singular: "endpoints",
      shortNames: ["ep"],
      columns: core.endpointsColumns,
    },
    {
      ...core1,
      kind: "Event",
      plural: "events",
      shortNames: ["ev"],
      model: "CoreV1Event",
      collection: "events",
      columns: eventColumns,
      selectableFields: eventFields,
      strategy: plain.eventStrategy,
    },
    {
      ...apps,
      kind: "Deployment",
      plural: "deployments",
      shortNames: ["deploy"],
      columns: columns.deploymentColumns,
      scale,
    },
    {
      ...apps,
      kind: "ReplicaSet",
      plural: "replicasets",
      shortNames: ["rs"],
      columns: columns.replicaSetColumns,
      selectableFields: at("status.replicas"),
      scale,
    },
    {
      ...apps,
      kind: "DaemonSet",
      plural: "daemonsets",
      shortNames: ["ds"],
      columns: columns.daemonSetColumns,
    },
    {
      ...apps,
      kind: "StatefulSet",
      plural: "statefulsets",
      shortNames: ["sts"],
      columns: columns.statefulSetColumns,
      scale,
    },
    {
      group: "events.k8s.io",
      kind: "Event",
      plural: "events",
      namespaced: true,
      shortNames: ["ev"],
      model: "EventsV1Event",
      collection: "events",
      columns: eventColumns,
      selectableFields: eventFields,
      conversion: eventConversion,
      storedApiVersion: "v1",
      strategy: plain.eventStrategy,
    },
    {
      group: "discovery.k8s.io",
      kind: "EndpointSlice",
      plural: "endpointslices",
      namespaced: true,
      hasGeneration: true,
      columns: columns.endpointSliceColumns,
      strategy: plain.endpointSliceStrategy,
    },
    {
      group: "coordination.k8s.io",
      kind: "Lease",
      plural: "leases",
      namespaced: true,
      columns: columns.leaseColumns,
      strategy: plain.leaseStrategy,
    },
    { ...rbac, kind: "Role", plural: "roles", namespaced: true, columns: columns.roleColumns },
    { ...rbac, kind: "ClusterRole", plural: "clusterroles", namespaced: false, columns: columns.roleColumns },
    {
      ...rbac,
      kind: "RoleBinding",
      plural: "rolebindings",
      namespaced: true,
      columns: columns.roleBindingColumns,
      strategy: plain.bindingStrategy,
    },
    {
      ...rbac,
      kind: "ClusterRoleBinding",
      plural: "clusterrolebindings",
      namespaced: false,
      columns: columns.roleBindingColumns,
      strategy: plain.bindingStrategy,
    },
    { ...admission, kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations" },
    { ...admission, kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations" },
    {
      group: "apiextensions.k8s.io",
      kind: "CustomResourceDefinition",
      plural: "customresourcedefinitions",
      namespaced: false,
      shortNames: ["crd", "crds"],
      categories: ["api-extensions"],
      hasStatus: true,
      hasGeneration: true,
      columns: columns.customResourceDefinitionColumns,
      strategy: options.customResourceDefinitions,
    },
    {
      group: "policy",
      kind: "PodDisruptionBudget",
      plural: "poddisruptionbudgets",
      namespaced: true,
      shortNames: ["pdb"],
      hasStatus: true,
      hasGeneration: true,
      columns: columns.podDisruptionBudgetColumns,
      strategy: plain.emptyStatusStrategy,
    },
    {
      group: "scheduling.k8s.io",
      kind: "PriorityClass",
      plural: "priorityclasses",
      namespaced: false,
      shortNames: ["pc"],
      hasGeneration: true,
      columns: columns.priorityClassColumns,
    },
    {
      group: "networking.k8s.io",
      kind: "NetworkPolicy",
      plural: "networkpolicies",
      namespaced: true,
      shortNames: ["netpol"],
      hasGeneration: true,
      columns: columns.networkPolicyColumns,
      strategy: plain.networkPolicyStrategy,
    },
  ];
  return rows.map(completed);
}

function completed({ model, ...row }: Row): Kind {
  return {
    version: "v1",
    singular: row.kind.toLowerCase(),
    listKind: `${row.kind}List`,
    shortNames: [],
    categories: [],
    collection: row.group === "" ? row.plural : `${row.plural}.${row.group}`,
    isCustom: false,
    columns: columns.plainColumns,
    selectableFields: {},
    nameRule: dnsSubdomain,
    hasStatus: false,
    hasGeneration: false,
    strategy: plain.plainStrategy,
    storedApiVersion: row.group === "" ? "v1" : `${row.group}/v1`,
    ...row,
    schema: builtInSchema(model ?? `V1${row.kind}`),
  };
}

/** Selectable fields that are read where their name says. */
function at(...paths: string[]): SelectableFields {
  return Object.fromEntries(
    paths.map((path) => {
      const steps = path.split(".");
      const last = steps.pop() ?? "";
      return [
        path,
        (object: unknown) => {
          const owner = steps.reduce<unknown>((value, step) => record(value, step), object);
          const value = (owner as Record<string, unknown>)[last];
          return value === undefined ? (path === "spec.unschedulable" ? "false" : "") : String(value);
        },
      ];
    }),
  );
}

const eventFields: SelectableFields = {
  ...at(
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "type",
  ),
  source: (event) => text(record(event, "source"), "component") || text(event, "reportingComponent"),
};
