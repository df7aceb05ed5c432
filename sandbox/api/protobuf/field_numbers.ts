/**
 * Numbers of the fields on the wire (the Kubernetes API's `generated.proto` files), type by type; the types of the
 * fields are those of the JSON schema. A `*` marks a field that Go holds by pointer: its zero value means something,
 * while that of any other field is what was not set. Types that are not here are understood when empty only.
 */
const table = `
V1ObjectMeta 1 name 2 generateName 3 namespace 4 selfLink 5 uid 6 resourceVersion 7 generation 8 creationTimestamp 9 deletionTimestamp 10 deletionGracePeriodSeconds* 11 labels 12 annotations 13 ownerReferences 14 finalizers 17 managedFields
V1OwnerReference 5 apiVersion 1 kind 3 name 4 uid 6 controller* 7 blockOwnerDeletion*
V1LabelSelector 1 matchLabels 2 matchExpressions
V1LabelSelectorRequirement 1 key 2 operator 3 values
V1Condition 1 type 2 status 3 observedGeneration 4 lastTransitionTime 5 reason 6 message
V1DeleteOptions 1 gracePeriodSeconds* 2 preconditions 3 orphanDependents* 4 propagationPolicy 5 dryRun 6 ignoreStoreReadErrorWithClusterBreakingPotential*
V1Preconditions 1 uid 2 resourceVersion
V1Namespace 1 metadata 2 spec 3 status
V1NamespaceSpec 1 finalizers
V1NamespaceStatus 1 phase 2 conditions
V1NamespaceCondition 1 type 2 status 4 lastTransitionTime 5 reason 6 message
V1Service 1 metadata 2 spec 3 status
V1ServiceSpec 1 ports 2 selector 3 clusterIP 18 clusterIPs 4 type 5 externalIPs 7 sessionAffinity 8 loadBalancerIP 9 loadBalancerSourceRanges 10 externalName 11 externalTrafficPolicy 12 healthCheckNodePort 13 publishNotReadyAddresses 14 sessionAffinityConfig 19 ipFamilies 17 ipFamilyPolicy 20 allocateLoadBalancerNodePorts* 21 loadBalancerClass 22 internalTrafficPolicy 23 trafficDistribution
V1ServicePort 1 name 2 protocol 6 appProtocol 3 port 4 targetPort 5 nodePort
V1SessionAffinityConfig 1 clientIP
V1ClientIPConfig 1 timeoutSeconds*
V1ServiceStatus 1 loadBalancer 2 conditions
V1LoadBalancerStatus 1 ingress
V1LoadBalancerIngress 1 ip 2 hostname 3 ipMode 4 ports
V1PortStatus 1 port 2 protocol 3 error
V1ConfigMap 1 metadata 4 immutable* 2 data 3 binaryData
V1Secret 1 metadata 5 immutable* 2 data 4 stringData 3 type
V1ServiceAccount 1 metadata 2 secrets 3 imagePullSecrets 4 automountServiceAccountToken*
V1ObjectReference 1 kind 2 namespace 3 name 4 uid 5 apiVersion 6 resourceVersion 7 fieldPath
V1LocalObjectReference 1 name
CoreV1Event 1 metadata 2 involvedObject 3 reason 4 message 5 source 6 firstTimestamp 7 lastTimestamp 8 count 9 type 10 eventTime 11 series 12 action 13 related 14 reportingComponent 15 reportingInstance
V1EventSource 1 component 2 host
CoreV1EventSeries 1 count 2 lastObservedTime
V1Deployment 1 metadata 2 spec 3 status
V1DeploymentSpec 1 replicas* 2 selector 3 template 4 strategy 5 minReadySeconds 6 revisionHistoryLimit* 7 paused 9 progressDeadlineSeconds*
V1DeploymentStatus 1 observedGeneration 2 replicas 3 updatedReplicas 7 readyReplicas 4 availableReplicas 5 unavailableReplicas 9 terminatingReplicas 6 conditions 8 collisionCount*
V1DeploymentCondition 1 type 2 status 6 lastUpdateTime 7 lastTransitionTime 4 reason 5 message
V1DeploymentStrategy 1 type 2 rollingUpdate
V1RollingUpdateDeployment 1 maxUnavailable* 2 maxSurge*
V1PodTemplateSpec 1 metadata 2 spec
V1PodSpec 1 volumes 20 initContainers 2 containers 34 ephemeralContainers 3 restartPolicy 4 terminationGracePeriodSeconds* 5 activeDeadlineSeconds* 6 dnsPolicy 7 nodeSelector 8 serviceAccountName 9 serviceAccount 21 automountServiceAccountToken* 10 nodeName 11 hostNetwork 12 hostPID 13 hostIPC 27 shareProcessNamespace* 14 securityContext 15 imagePullSecrets 16 hostname 17 subdomain 18 affinity 19 schedulerName 22 tolerations 23 hostAliases 24 priorityClassName 25 priority* 26 dnsConfig 28 readinessGates 29 runtimeClassName 30 enableServiceLinks* 31 preemptionPolicy 32 overhead 33 topologySpreadConstraints 35 setHostnameAsFQDN* 36 os 37 hostUsers*
V1Container 1 name 2 image 3 command 4 args 5 workingDir 6 ports 19 envFrom 7 env 8 resources 23 resizePolicy 24 restartPolicy 9 volumeMounts 21 volumeDevices 10 livenessProbe 11 readinessProbe 22 startupProbe 12 lifecycle 13 terminationMessagePath 20 terminationMessagePolicy 14 imagePullPolicy 15 securityContext 16 stdin 17 stdinOnce 18 tty
V1ContainerPort 1 name 2 hostPort 3 containerPort 4 protocol 5 hostIP
V1EnvVar 1 name 2 value 3 valueFrom
V1ResourceRequirements 1 limits 2 requests 3 claims
V1Lease 1 metadata 2 spec
V1LeaseSpec 1 holderIdentity 2 leaseDurationSeconds* 3 acquireTime 4 renewTime 5 leaseTransitions* 6 strategy 7 preferredHolder
V1Role 1 metadata 2 rules
V1ClusterRole 1 metadata 2 rules 3 aggregationRule
V1RoleBinding 1 metadata 2 subjects 3 roleRef
V1ClusterRoleBinding 1 metadata 2 subjects 3 roleRef
V1PolicyRule 1 verbs 2 apiGroups 3 resources 4 resourceNames 5 nonResourceURLs
V1AggregationRule 1 clusterRoleSelectors
RbacV1Subject 1 kind 2 apiGroup 3 name 4 namespace
V1RoleRef 1 apiGroup 2 kind 3 name
V1Eviction 1 metadata 2 deleteOptions
V1PodDisruptionBudget 1 metadata 2 spec 3 status
V1PodDisruptionBudgetSpec 1 minAvailable* 2 selector 3 maxUnavailable* 4 unhealthyPodEvictionPolicy
V1PodDisruptionBudgetStatus 1 observedGeneration 3 disruptionsAllowed 4 currentHealthy 5 desiredHealthy 6 expectedPods 7 conditions
V1PriorityClass 1 metadata 2 value 3 globalDefault 4 description 5 preemptionPolicy
V1SelfSubjectReview 1 metadata 2 status
V1SelfSubjectReviewStatus 1 userInfo
V1UserInfo 1 username 2 uid 3 groups 4 extra
V1SelfSubjectAccessReview 1 metadata 2 spec 3 status
V1SelfSubjectAccessReviewSpec 1 resourceAttributes 2 nonResourceAttributes
V1SubjectAccessReview 1 metadata 2 spec 3 status
V1SubjectAccessReviewSpec 1 resourceAttributes 2 nonResourceAttributes 3 user 4 groups 5 extra 6 uid
V1LocalSubjectAccessReview 1 metadata 2 spec 3 status
V1SelfSubjectRulesReview 1 metadata 2 spec 3 status
V1SelfSubjectRulesReviewSpec 1 namespace
V1SubjectRulesReviewStatus 1 resourceRules 2 nonResourceRules 3 incomplete 4 evaluationError
V1ResourceRule 1 verbs 2 apiGroups 3 resources 4 resourceNames
V1NonResourceRule 1 verbs 2 nonResourceURLs
V1ResourceAttributes 1 namespace 2 verb 3 group 4 version 5 resource 6 subresource 7 name 8 fieldSelector 9 labelSelector
V1FieldSelectorAttributes 1 rawSelector 2 requirements
V1FieldSelectorRequirement 1 key 2 operator 3 values
V1LabelSelectorAttributes 1 rawSelector 2 requirements
V1NonResourceAttributes 1 path 2 verb
V1SubjectAccessReviewStatus 1 allowed 4 denied 2 reason 3 evaluationError
V1TokenReview 1 metadata 2 spec 3 status
V1TokenReviewSpec 1 token 2 audiences
AuthenticationV1TokenRequest 1 metadata 2 spec 3 status
V1TokenRequestSpec 1 audiences 3 boundObjectRef 4 expirationSeconds*
V1BoundObjectReference 1 kind 2 apiVersion 3 name 4 uid
V1TokenRequestStatus 1 token 2 expirationTimestamp
V1TokenReviewStatus 1 authenticated 2 user 3 error 4 audiences
`;

interface WireField {
  readonly name: string;
  readonly isPointer: boolean;
}

/** By the name of the type, then by the number of the field. */
export const wireFields: ReadonlyMap<string, ReadonlyMap<number, WireField>> = new Map(
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [type = "", ...words] = line.split(" ");
      const fields = new Map<number, WireField>();
      for (let index = 0; index + 1 < words.length; index += 2) {
        const name = words[index + 1] ?? "";
        fields.set(Number(words[index]), { name: name.replace("*", ""), isPointer: name.endsWith("*") });
      }
      return [type, fields];
    }),
);
