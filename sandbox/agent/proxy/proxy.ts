import { createInformer, type KubeClient, type Logger, resources } from "#k8s/mod.ts";
import { ipBatch, run } from "../host.ts";
import { ElementTable } from "./element_table.ts";
import { serviceElements } from "./elements.ts";
import { parseRoutes, type Route, routeCommands, routeProtocol, routesOf } from "./routes.ts";
import { renderChange, renderTable } from "./ruleset.ts";
import { type ProxyNode, type ProxySlice, proxyNode, proxyService, proxySlice } from "./views.ts";

export interface ProxyOptions {
  /** The node that this namespace is. */
  self: ProxyNode;
  log: Logger;
  signal: AbortSignal;
}

export interface Proxy {
  /** Resolves when the rules first agree with the cluster. */
  ready: Promise<void>;
  /** Name of the node with this address, among all nodes. */
  nodeAt(address: string): string | undefined;
}

/**
 * kube-proxy for one node: keeps nftables and routes as Services, EndpointSlices and Nodes ask. Changes that come while
 * `nft` runs are carried out together by its next run; each run is one transaction with only what differs.
 */
export function startProxy(client: KubeClient, options: ProxyOptions): Proxy {
  const { self, log, signal } = options;
  const services = createInformer(client, {
    resource: resources.services,
    project: proxyService,
    log,
    signal,
  });
  const slices = createInformer(client, {
    resource: resources.endpointSlices,
    project: proxySlice,
    log,
    signal,
  });
  const nodes = createInformer(client, { resource: resources.nodes, project: proxyNode, log, signal });
  const slicesOf = new Map<string, Map<string, ProxySlice>>();
  const namesByAddress = new Map<string, string>();
  const elements = new ElementTable();
  const touched = new Set<string>();
  const first = Promise.withResolvers<void>();
  let isTablePresent = false;
  let areRoutesStale = true;
  let routes: readonly Route[] | undefined;
  let isSynced = false;
  let isRunning = false;

  services.subscribe({ changed: ({ key }) => touch(key), removed: ({ key }) => touch(key) });
  slices.subscribe({
    changed(after, before) {
      if (before && before.service !== after.service) forget(before);
      const known = slicesOf.get(after.service) ?? new Map<string, ProxySlice>();
      slicesOf.set(after.service, known.set(after.key, after));
      touch(after.service);
    },
    removed: forget,
  });
  nodes.subscribe({
    changed(after, before) {
      if (before) namesByAddress.delete(before.address);
      namesByAddress.set(after.address, after.name);
      areRoutesStale = true;
      wake();
    },
    removed(before) {
      if (namesByAddress.get(before.address) === before.name) namesByAddress.delete(before.address);
      areRoutesStale = true;
      wake();
    },
  });
  void Promise.all([services.whenSynced(), slices.whenSynced(), nodes.whenSynced()]).then(() => {
    isSynced = true;
    wake();
  });
  return { ready: first.promise, nodeAt: (address) => namesByAddress.get(address) };

  function forget(slice: ProxySlice): void {
    const known = slicesOf.get(slice.service);
    known?.delete(slice.key);
    if (known?.size === 0) slicesOf.delete(slice.service);
    touch(slice.service);
  }

  function touch(service: string): void {
    touched.add(service);
    wake();
  }

  function wake(): void {
    if (!isSynced || isRunning) return;
    isRunning = true;
    void work();
  }

  /** Until there is nothing left to do; a failure is told and tried again, from scratch, a second later. */
  async function work(): Promise<void> {
    while (!signal.aborted && (touched.size > 0 || areRoutesStale || !isTablePresent)) {
      try {
        if (areRoutesStale) await updateRoutes();
        await updateRules();
        first.resolve();
      } catch (error) {
        isTablePresent = false;
        areRoutesStale = true;
        routes = undefined;
        log.error("proxy: cannot program the node's network, tries again", { error: String(error) });
        await Bun.sleep(1000);
      }
    }
    isRunning = false;
  }

  async function updateRules(): Promise<void> {
    for (const key of touched) {
      const service = services.get(key);
      const own = [...(slicesOf.get(key)?.values() ?? [])];
      elements.replace(key, service ? serviceElements(service, own, self) : []);
    }
    touched.clear();
    const change = elements.takeChange();
    if (!isTablePresent) await run(["nft", "-f", "-"], renderTable([...elements.elements()], self));
    else if (change.add.length + change.remove.length > 0)
      await run(["nft", "-f", "-"], renderChange(change));
    isTablePresent = true;
  }

  async function updateRoutes(): Promise<void> {
    areRoutesStale = false;
    const present =
      routes ?? parseRoutes(await run(["ip", "-j", "route", "show", "proto", `${routeProtocol}`]));
    const wanted = routesOf(self, nodes.values());
    await ipBatch(routeCommands(present, wanted));
    routes = wanted;
  }
}
