import type { KubeClient } from "#k8s/mod.ts";
import { Admission, type ServiceResolver } from "./admission/mod.ts";
import { Rbac } from "./authorization/mod.ts";
import { bootstrap } from "./bootstrap.ts";
import { evaluateRules } from "./cel/mod.ts";
import { InProcessClient } from "./client.ts";
import {
  runClusterRoleAggregation,
  runCustomResources,
  runEventExpiry,
  runGarbageCollector,
  runNamespaces,
  runServiceAllocation,
} from "./controllers/mod.ts";
import { Conversions, definitionStrategy } from "./crd/mod.ts";
import { runDisruptionBudgets } from "./eviction/mod.ts";
import { type Audit, HttpServer } from "./http/mod.ts";
import { builtInKinds, Registry, ServiceAllocator } from "./kinds/mod.ts";
import { type ApiContext, timestamp } from "./operations/mod.ts";
import { reviewKinds } from "./reviews/mod.ts";
import { type DataFile, Store } from "./store/mod.ts";
import { type PodRuntime, PodStreams, type Upgrade } from "./streams/mod.ts";
import { AccountTokens, keptSigningKey } from "./tokens/mod.ts";
import { type User, Users } from "./users.ts";
import { type Scheduler, systemScheduler, WatchHub } from "./watch/mod.ts";

export interface SandboxApiOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where clusterIPs come from; `10.96.0.0/12` where absent. A second prefix, of the other family, after a comma. */
  readonly serviceCidr?: string;
  /** Where everything is kept beyond this process; in memory only where absent. It stays the caller's to close. */
  readonly dataFile?: DataFile | undefined;
  /** The authority of the server's certificate, which pods find in their namespace's `kube-root-ca.crt`. */
  readonly caPem?: string | undefined;
  /** Timers of watches and of expiry; the system's where absent. */
  readonly scheduler?: Scheduler;
  /** Who answers for a Service that a webhook configuration names; nobody where absent. */
  readonly resolveService?: ServiceResolver;
  /** Who runs the pods, for their logs, `exec`, `attach` and `port-forward`; nobody where absent. */
  readonly podRuntime?: PodRuntime | undefined;
  /** Hears of every request of an authenticated user, whether or not it was allowed. */
  readonly audit?: Audit;
}

export interface SandboxApi {
  /** Direct calls for the sandbox's own controllers: same rules as over HTTP, as a member of `system:masters`. */
  readonly client: KubeClient;
  /** The HTTP surface, with nothing of a socket in it; a request that was upgraded gets no response. */
  fetch(request: Request, upgrade?: Upgrade): Promise<Response> | Response;
  /** Registers a bearer token. A one-time token is good for exactly one TokenReview and for nothing else. */
  addToken(
    token: string,
    user: { username: string; groups: string[] },
    options?: { oneTime?: boolean },
  ): void;
  /** Watches that are open, over HTTP and in the process. */
  readonly openWatches: number;
  /** Ends every watch; no call is answered afterwards. */
  close(): void;
}

/** Changes per kind that a watch may resume over. */
const changesMax = 20_000;
const masters = "system:masters";
const sandboxUser: User = { username: "system:sandbox", groups: [masters, "system:authenticated"] };

export function createSandboxApi(options: SandboxApiOptions): SandboxApi {
  const {
    now,
    serviceCidr = "10.96.0.0/12",
    scheduler = systemScheduler,
    audit,
    podRuntime,
    resolveService = nobody,
    dataFile,
    caPem,
  } = options;
  // Revisions go on from the clock, so that what a client remembers of an earlier run is too old, never mistaken.
  const store = new Store({ revision: Math.max(1, Math.floor(now())), changesMax, file: dataFile });
  const registry = new Registry();
  const hub = new WatchHub(scheduler, () => store.revision);
  const context: ApiContext = {
    store,
    registry,
    hub,
    now,
    evaluateRules,
    conversions: new Conversions(resolveService),
  };

  const serviceAllocator = new ServiceAllocator(serviceCidr);
  const customResourceDefinitions = definitionStrategy(registry, () => timestamp(now()));
  registry.add(builtInKinds({ serviceAllocator, customResourceDefinitions }));
  for (const kind of registry.all()) store.collection(kind.collection);
  runServiceAllocation(context, serviceAllocator);
  runCustomResources(context);
  runNamespaces(context, caPem);
  runGarbageCollector(context);
  runDisruptionBudgets(context);
  runClusterRoleAggregation(context);
  const stopExpiry = runEventExpiry(context, scheduler);
  bootstrap(context, serviceAllocator.firstAddress());

  const tokens = new AccountTokens({ store, now, key: () => keptSigningKey(dataFile) });
  const users = new Users(tokens);
  const { authorize, rulesOf } = new Rbac(store);
  const reviews = reviewKinds(users, authorize, rulesOf);
  const admission = new Admission(store, resolveService);
  const streams = podRuntime && new PodStreams(podRuntime, now);
  const http = new HttpServer({ context, users, tokens, reviews, authorize, admission, streams, audit });
  let isClosed = false;
  return {
    client: new InProcessClient(context, reviews, sandboxUser),
    fetch: (request, upgrade) =>
      isClosed ? new Response("the sandbox is closed", { status: 503 }) : http.fetch(request, upgrade),
    addToken(token, user, { oneTime = false } = {}) {
      users.add(token, user, oneTime);
    },
    get openWatches() {
      return hub.size;
    },
    close() {
      isClosed = true;
      stopExpiry();
      hub.closeAll();
    },
  };
}

const nobody: ServiceResolver = ({ namespace, name }) => ({
  nobody: `no endpoints available for service "${name}" in namespace "${namespace}"`,
});
