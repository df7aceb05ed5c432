import type { Schema } from "../schema.ts";

/**
 * What the generated table does not tell of a field: how lists merge (the `patchStrategy`, `patchMergeKey`, `listType`
 * and `listMapKey` tags of the Go types), defaults and closed sets of values. Key: `Model.field`.
 */
export const annotations: Readonly<Record<string, Partial<Schema>>> = {
  // metadata
  "V1ObjectMeta.finalizers": setOf(),
  "V1ObjectMeta.ownerReferences": mapOf(["uid"]),
  "V1LabelSelector.matchExpressions": atomic(),
  "V1ManagedFieldsEntry.fieldsV1": { type: "object" },

  // core/v1 Service
  "V1ServiceSpec.ports": { ...mapOf(["port", "protocol"]), "x-kubernetes-patch-merge-key": "port" },
  "V1ServiceSpec.selector": { "x-kubernetes-map-type": "atomic" },
  "V1ServiceSpec.type": oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
  "V1ServiceSpec.sessionAffinity": oneOf("ClientIP", "None"),
  "V1ServiceSpec.externalTrafficPolicy": oneOf("Cluster", "Local"),
  "V1ServiceSpec.internalTrafficPolicy": oneOf("Cluster", "Local"),
  "V1ServiceSpec.ipFamilyPolicy": oneOf("PreferDualStack", "RequireDualStack", "SingleStack"),
  "V1ServiceSpec.clusterIPs": atomic(),
  "V1ServiceSpec.externalIPs": atomic(),
  "V1ServiceSpec.ipFamilies": atomic(),
  "V1ServiceSpec.loadBalancerSourceRanges": atomic(),
  "V1ServicePort.protocol": { ...oneOf("SCTP", "TCP", "UDP"), default: "TCP" },
  "V1ServiceStatus.conditions": mapOf(["type"]),
  "V1LoadBalancerStatus.ingress": atomic(),
  "V1LoadBalancerIngress.ports": atomic(),

  // core/v1 Pod
  "V1PodSpec.containers": mapOf(["name"]),
  "V1PodSpec.initContainers": mapOf(["name"]),
  "V1PodSpec.ephemeralContainers": mapOf(["name"]),
  "V1PodSpec.volumes": { ...mapOf(["name"]), "x-kubernetes-patch-strategy": "merge,retainKeys" },
  "V1PodSpec.imagePullSecrets": mapOf(["name"]),
  "V1PodSpec.hostAliases": mapOf(["ip"]),
  "V1PodSpec.schedulingGates": mapOf(["name"]),
  "V1PodSpec.resourceClaims": { ...mapOf(["name"]), "x-kubernetes-patch-strategy": "merge,retainKeys" },
  "V1PodSpec.topologySpreadConstraints": {
    ...mapOf(["topologyKey", "whenUnsatisfiable"]),
    "x-kubernetes-patch-merge-key": "topologyKey",
  },
  "V1PodSpec.tolerations": atomic(),
  "V1PodSpec.nodeSelector": { "x-kubernetes-map-type": "atomic" },
  "V1PodSpec.restartPolicy": { ...oneOf("Always", "Never", "OnFailure"), default: "Always" },
  "V1PodSpec.dnsPolicy": {
    ...oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    default: "ClusterFirst",
  },
  "V1PodSpec.schedulerName": { default: "default-scheduler" },
  "V1PodSpec.terminationGracePeriodSeconds": { default: 30 },
  "V1PodSpec.securityContext": { default: {} },
  "V1PodStatus.conditions": mapOf(["type"]),
  "V1PodStatus.podIPs": mapOf(["ip"]),
  "V1PodStatus.hostIPs": mapOf(["ip"]),
  "V1PodStatus.containerStatuses": atomic(),
  ...containerAnnotations("V1Container"),
  ...containerAnnotations("V1EphemeralContainer"),
  "V1ContainerPort.protocol": { ...oneOf("SCTP", "TCP", "UDP"), default: "TCP" },
  "V1Probe.timeoutSeconds": { default: 1 },
  "V1Probe.periodSeconds": { default: 10 },
  "V1Probe.successThreshold": { default: 1 },
  "V1Probe.failureThreshold": { default: 3 },
  "V1HTTPGetAction.scheme": { ...oneOf("HTTP", "HTTPS"), default: "HTTP" },
  "V1HTTPGetAction.path": { default: "/" },
  "V1ObjectFieldSelector.apiVersion": { default: "v1" },
  "V1SecretVolumeSource.defaultMode": { default: 420 },
  "V1ConfigMapVolumeSource.defaultMode": { default: 420 },
  "V1DownwardAPIVolumeSource.defaultMode": { default: 420 },
  "V1ProjectedVolumeSource.defaultMode": { default: 420 },
  "V1ServiceAccountTokenProjection.expirationSeconds": { default: 3600 },
  "V1HostPathVolumeSource.type": { default: "" },
  "V1Toleration.effect": oneOf("NoExecute", "NoSchedule", "PreferNoSchedule"),
  "V1Toleration.operator": oneOf("Equal", "Exists", "Gt", "Lt"),
  "V1Taint.effect": oneOf("NoExecute", "NoSchedule", "PreferNoSchedule"),

  // core/v1, others
  "V1NodeStatus.conditions": mapOf(["type"]),
  "V1NodeStatus.addresses": mapOf(["type"]),
  "V1NodeSpec.podCIDRs": setOf(),
  "V1NamespaceStatus.conditions": mapOf(["type"]),
  "V1ServiceAccount.secrets": mapOf(["name"]),
  "V1Secret.type": { default: "Opaque" },
  "V1Endpoints.subsets": atomic(),

  // apps/v1
  "V1DeploymentSpec.strategy": { "x-kubernetes-patch-strategy": "retainKeys", default: {} },
  "V1DeploymentSpec.replicas": { default: 1 },
  "V1DeploymentSpec.revisionHistoryLimit": { default: 10 },
  "V1DeploymentSpec.progressDeadlineSeconds": { default: 600 },
  "V1DeploymentStrategy.type": { ...oneOf("Recreate", "RollingUpdate"), default: "RollingUpdate" },
  "V1DeploymentStatus.conditions": mapOf(["type"]),
  "V1RollingUpdateDeployment.maxUnavailable": { default: "25%" },
  "V1RollingUpdateDeployment.maxSurge": { default: "25%" },
  "V1ReplicaSetSpec.replicas": { default: 1 },
  "V1ReplicaSetStatus.conditions": mapOf(["type"]),
  "V1DaemonSetSpec.revisionHistoryLimit": { default: 10 },
  "V1DaemonSetSpec.updateStrategy": { default: {} },
  "V1DaemonSetUpdateStrategy.type": { ...oneOf("OnDelete", "RollingUpdate"), default: "RollingUpdate" },
  "V1DaemonSetStatus.conditions": mapOf(["type"]),
  "V1RollingUpdateDaemonSet.maxUnavailable": { default: 1 },
  "V1RollingUpdateDaemonSet.maxSurge": { default: 0 },
  "V1StatefulSetSpec.replicas": { default: 1 },
  "V1StatefulSetSpec.revisionHistoryLimit": { default: 10 },
  "V1StatefulSetSpec.podManagementPolicy": { ...oneOf("OrderedReady", "Parallel"), default: "OrderedReady" },
  "V1StatefulSetSpec.updateStrategy": { default: {} },
  "V1StatefulSetUpdateStrategy.type": { ...oneOf("OnDelete", "RollingUpdate"), default: "RollingUpdate" },
  "V1StatefulSetStatus.conditions": mapOf(["type"]),

  // discovery.k8s.io, networking.k8s.io, policy
  "V1EndpointSlice.addressType": oneOf("FQDN", "IPv4", "IPv6"),
  "V1EndpointSlice.endpoints": atomic(),
  "V1EndpointSlice.ports": atomic(),
  "V1Endpoint.addresses": setOf(),
  "DiscoveryV1EndpointPort.name": { default: "" },
  "DiscoveryV1EndpointPort.protocol": { ...oneOf("SCTP", "TCP", "UDP"), default: "TCP" },
  "V1NetworkPolicyPort.protocol": { ...oneOf("SCTP", "TCP", "UDP"), default: "TCP" },
  "V1PodDisruptionBudgetStatus.conditions": mapOf(["type"]),
  "V1PriorityClass.preemptionPolicy": {
    ...oneOf("Never", "PreemptLowerPriority"),
    default: "PreemptLowerPriority",
  },

  // admissionregistration.k8s.io, apiextensions.k8s.io
  "V1ValidatingWebhookConfiguration.webhooks": mapOf(["name"]),
  "V1MutatingWebhookConfiguration.webhooks": mapOf(["name"]),
  ...webhookAnnotations("V1ValidatingWebhook"),
  ...webhookAnnotations("V1MutatingWebhook"),
  "V1MutatingWebhook.reinvocationPolicy": { ...oneOf("IfNeeded", "Never"), default: "Never" },
  "V1RuleWithOperations.scope": { ...oneOf("*", "Cluster", "Namespaced"), default: "*" },
  "AdmissionregistrationV1ServiceReference.port": { default: 443 },
  "ApiextensionsV1ServiceReference.port": { default: 443 },
  "V1CustomResourceDefinitionSpec.scope": oneOf("Cluster", "Namespaced"),
  "V1CustomResourceDefinitionSpec.conversion": { default: { strategy: "None" } },
  "V1CustomResourceConversion.strategy": oneOf("None", "Webhook"),
  "V1CustomResourceDefinitionStatus.conditions": mapOf(["type"]),
  "V1CustomResourceSubresources.status": { type: "object" },
};

/** Resource quantities are written as text or as a number; the server answers with text. */
export const quantityFields: ReadonlySet<string> = new Set([
  "V1ResourceRequirements.limits",
  "V1ResourceRequirements.requests",
  "V1NodeStatus.capacity",
  "V1NodeStatus.allocatable",
  "V1PodSpec.overhead",
  "V1VolumeResourceRequirements.limits",
  "V1VolumeResourceRequirements.requests",
  "V1EmptyDirVolumeSource.sizeLimit",
  "V1ResourceFieldSelector.divisor",
  "V1ContainerStatus.allocatedResources",
  "V1PersistentVolumeClaimStatus.capacity",
]);

/** Fields that the server refuses to leave empty; its Go types cannot tell "absent" from "empty". */
export const mustBeSet: Readonly<Record<string, string[]>> = {
  V1PodSpec: ["containers"],
  V1Container: ["name", "image"],
  V1ContainerPort: ["containerPort"],
  V1EnvVar: ["name"],
  V1VolumeMount: ["name", "mountPath"],
  V1Volume: ["name"],
  V1DeploymentSpec: ["selector", "template"],
  V1ReplicaSetSpec: ["selector"],
  V1DaemonSetSpec: ["selector", "template"],
  V1StatefulSetSpec: ["selector", "template"],
  V1EndpointSlice: ["addressType"],
  V1Endpoint: ["addresses"],
  V1RoleRef: ["kind", "name"],
  RbacV1Subject: ["kind", "name"],
  V1PolicyRule: ["verbs"],
  V1OwnerReference: ["apiVersion", "kind", "name", "uid"],
  V1Taint: ["key", "effect"],
  V1NodeCondition: ["type"],
  V1ValidatingWebhook: ["name", "clientConfig", "sideEffects", "admissionReviewVersions"],
  V1MutatingWebhook: ["name", "clientConfig", "sideEffects", "admissionReviewVersions"],
};

function containerAnnotations(model: string): Record<string, Partial<Schema>> {
  return {
    [`${model}.ports`]: {
      ...mapOf(["containerPort", "protocol"]),
      "x-kubernetes-patch-merge-key": "containerPort",
    },
    [`${model}.env`]: mapOf(["name"]),
    [`${model}.volumeMounts`]: mapOf(["mountPath"]),
    [`${model}.volumeDevices`]: mapOf(["devicePath"]),
    [`${model}.terminationMessagePath`]: { default: "/dev/termination-log" },
    [`${model}.terminationMessagePolicy`]: { ...oneOf("FallbackToLogsOnError", "File"), default: "File" },
    [`${model}.imagePullPolicy`]: oneOf("Always", "IfNotPresent", "Never"),
    [`${model}.resources`]: { default: {} },
  };
}

function webhookAnnotations(model: string): Record<string, Partial<Schema>> {
  return {
    [`${model}.failurePolicy`]: { ...oneOf("Fail", "Ignore"), default: "Fail" },
    [`${model}.matchPolicy`]: { ...oneOf("Equivalent", "Exact"), default: "Equivalent" },
    [`${model}.timeoutSeconds`]: { default: 10 },
    [`${model}.namespaceSelector`]: { default: {} },
    [`${model}.objectSelector`]: { default: {} },
    [`${model}.matchConditions`]: mapOf(["name"]),
  };
}

/** A list whose elements are told apart by keys; strategic merge uses the first of them. */
function mapOf(keys: string[]): Partial<Schema> {
  return {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": keys,
    "x-kubernetes-patch-strategy": "merge",
    ...(keys[0] === undefined ? {} : { "x-kubernetes-patch-merge-key": keys[0] }),
  };
}

/** A list of plain values without duplicates, merged value by value. */
function setOf(): Partial<Schema> {
  return { "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" };
}

function atomic(): Partial<Schema> {
  return { "x-kubernetes-list-type": "atomic" };
}

function oneOf(...values: string[]): Partial<Schema> {
  return { enum: values };
}
