import { createInformer, type KubeClient, type Logger, podOf, resources } from "#k8s/mod.ts";
import { metallbNamespace } from "../options.ts";
import type { OwnPods, RunningPod } from "./own_pods.ts";

const leaseName = "metallb-controller";

/** Of several controllers the one that is asked by whoever asks just one: who leads, where it runs, else any that is ready. */
export class AskedController {
  readonly #ownPods: Pick<OwnPods, "list">;
  #leader: string | undefined;

  constructor(
    client: KubeClient,
    ownPods: Pick<OwnPods, "list">,
    options: { log: Logger; signal: AbortSignal },
  ) {
    this.#ownPods = ownPods;
    const informer = createInformer(client, {
      resource: resources.leases,
      namespace: metallbNamespace,
      fieldSelector: `metadata.name=${leaseName}`,
      project: ({ spec }) => podOf(String((spec as { holderIdentity?: unknown })?.holderIdentity ?? "")),
      ...options,
    });
    informer.subscribe({
      changed: (holder) => {
        this.#leader = holder;
      },
      removed: () => {
        this.#leader = undefined;
      },
    });
  }

  /** The name of the Pod that holds the Lease. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** By the name of its Pod, where one is given. */
  find(podName?: string): RunningPod | undefined {
    const all = this.#ownPods.list().filter(({ pod }) => pod.component === "controller");
    if (podName !== undefined) return all.find(({ pod }) => pod.name === podName);
    const running = all.filter(({ child }) => child.isRunning);
    return (
      running.find(({ pod }) => pod.name === this.#leader) ??
      running.find(({ state }) => state.isReady) ??
      running[0] ??
      all[0]
    );
  }
}
