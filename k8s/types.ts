/** A Kubernetes object as JSON; outside the fields named here, read with care. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Where a kind lives: `{ group: "", version: "v1", plural: "services" }`. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The kinds that the product reads or writes. */
export const resources = {
  services: { group: "", version: "v1", plural: "services", kind: "Service", namespaced: true },
  nodes: { group: "", version: "v1", plural: "nodes", kind: "Node", namespaced: false },
  namespaces: { group: "", version: "v1", plural: "namespaces", kind: "Namespace", namespaced: false },
  pods: { group: "", version: "v1", plural: "pods", kind: "Pod", namespaced: true },
  secrets: { group: "", version: "v1", plural: "secrets", kind: "Secret", namespaced: true },
  events: { group: "", version: "v1", plural: "events", kind: "Event", namespaced: true },
  leases: {
    group: "coordination.k8s.io",
    version: "v1",
    plural: "leases",
    kind: "Lease",
    namespaced: true,
  },
  deployments: { group: "apps", version: "v1", plural: "deployments", kind: "Deployment", namespaced: true },
  endpointSlices: {
    group: "discovery.k8s.io",
    version: "v1",
    plural: "endpointslices",
    kind: "EndpointSlice",
    namespaced: true,
  },
  tokenReviews: {
    group: "authentication.k8s.io",
    version: "v1",
    plural: "tokenreviews",
    kind: "TokenReview",
    namespaced: false,
  },
  subjectAccessReviews: {
    group: "authorization.k8s.io",
    version: "v1",
    plural: "subjectaccessreviews",
    kind: "SubjectAccessReview",
    namespaced: false,
  },
  ipAddressPools: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "ipaddresspools",
    kind: "IPAddressPool",
    namespaced: true,
  },
  l2Advertisements: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "l2advertisements",
    kind: "L2Advertisement",
    namespaced: true,
  },
  bgpAdvertisements: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "bgpadvertisements",
    kind: "BGPAdvertisement",
    namespaced: true,
  },
  bgpPeers: {
    group: "metallb.io",
    version: "v1beta2",
    plural: "bgppeers",
    kind: "BGPPeer",
    namespaced: true,
  },
  bfdProfiles: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "bfdprofiles",
    kind: "BFDProfile",
    namespaced: true,
  },
  communities: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "communities",
    kind: "Community",
    namespaced: true,
  },
  configurationStates: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "configurationstates",
    kind: "ConfigurationState",
    namespaced: true,
  },
  validatingWebhookConfigurations: {
    group: "admissionregistration.k8s.io",
    version: "v1",
    plural: "validatingwebhookconfigurations",
    kind: "ValidatingWebhookConfiguration",
    namespaced: false,
  },
  customResourceDefinitions: {
    group: "apiextensions.k8s.io",
    version: "v1",
    plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    namespaced: false,
  },
  serviceBgpStatuses: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "servicebgpstatuses",
    kind: "ServiceBGPStatus",
    namespaced: true,
  },
  bgpSessionStates: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "bgpsessionstates",
    kind: "BGPSessionState",
    namespaced: true,
  },
  serviceL2Statuses: {
    group: "metallb.io",
    version: "v1beta1",
    plural: "servicel2statuses",
    kind: "ServiceL2Status",
    namespaced: true,
  },
} as const satisfies Record<string, ResourceType>;

/** Labels of the speakers' Pods, as MetalLB's manifests give them. */
export const speakerSelector = "app=metallb,component=speaker";

export interface ListOptions {
  /** All namespaces where absent. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export type PatchType = "merge" | "json" | "strategic" | "apply";

/** An answer of the API server that is not a success: the Status object's code, reason and message (api-conventions). */
export class KubeError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    /** From the header Retry-After, where the server sent one. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = "KubeError";
  }
}

/** Of a call that must not outlive somebody's right to make it. */
export interface CallLimits {
  signal?: AbortSignal;
  /** The server is told, and gives up by itself, too (query `timeout`, "API server request deadline"). */
  timeoutMs?: number;
  /** Asked right before each request goes out; what it throws is the call's failure. */
  mayGo?: () => void;
}

/** One call each; a call that is refused rejects with {@link KubeError}, one that never arrives with the network's error. */
export interface KubeClient {
  get(resource: ResourceType, name: string, namespace?: string): Promise<KubeObject>;
  /** Every object, page by page, and the resourceVersion to watch from. */
  list(
    resource: ResourceType,
    options?: ListOptions,
  ): Promise<{ items: KubeObject[]; resourceVersion: string }>;
  /** The same page by page, so that a large list need not be held whole. A {@link KubeError} 410 asks to begin again. */
  pages(
    resource: ResourceType,
    options?: ListOptions & { signal?: AbortSignal },
  ): AsyncIterable<{ items: KubeObject[]; resourceVersion: string }>;
  create(resource: ResourceType, object: KubeObject, limits?: CallLimits): Promise<KubeObject>;
  patch(
    resource: ResourceType,
    target: { name: string; namespace?: string; subresource?: "status" },
    type: PatchType,
    body: unknown,
    options?: { fieldManager?: string; force?: boolean; dryRun?: boolean } & CallLimits,
  ): Promise<KubeObject>;
  remove(resource: ResourceType, name: string, namespace?: string, limits?: CallLimits): Promise<void>;
  /** Streams `{type, object}` of one watch request until it ends; {@link KubeError} 410 asks for a new list. */
  watch(
    resource: ResourceType,
    resourceVersion: string,
    options: ListOptions & {
      signal: AbortSignal;
      timeoutSeconds: number;
      /** Called when the server has answered and the stream stands. */
      onOpen?: () => void;
    },
  ): AsyncIterable<{ type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; object: KubeObject }>;
  /** POST to a resource that only answers, such as TokenReview. */
  review(resource: ResourceType, object: Omit<KubeObject, "metadata">): Promise<KubeObject>;
}

/** What an informer tells: `before` is undefined for an object not known till now. */
export interface InformerHandler<T> {
  changed(after: T, before: T | undefined): void;
  removed(before: T): void;
}

/**
 * A local copy of one kind, kept by list and watch (`Reflector` in client-go), with `project` cutting each object
 * down to what is used. Handlers are isolated: one that throws is logged and the others go on.
 */
export interface Informer<T> {
  readonly synced: boolean;
  /** Resolves at the first complete list. */
  whenSynced(): Promise<void>;
  /**
   * Resolves at the first complete list, or when the API server refused it for good (403: no permission, 404: no such
   * kind); then the copy is empty, {@link lastError} says why, and it goes on asking.
   */
  whenAnswered(): Promise<void>;
  /** Key is `namespace/name`, or `name` where the kind has no namespace. */
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
  /** False while the API server is away: the copy is what was last seen. */
  readonly connected: boolean;
  /** Why the copy is not live, in words: the last refusal or failure; undefined while it is. */
  readonly lastError?: string | undefined;
  subscribe(handler: InformerHandler<T>): void;
  /** The API server is there, and refuses: no permission, or no such kind. */
  readonly isRefused?: boolean;
  /**
   * Resolves when the copy comes from a complete list that began at that moment of the steady clock or later; asks for
   * one where that is not so already. Handlers hear of what that list shows to have changed, and of nothing else.
   */
  freshSince(steadyMs: number): Promise<void>;
  /** Calls back whenever {@link connected} changes. */
  onConnection(listener: (connected: boolean) => void): void;
}
