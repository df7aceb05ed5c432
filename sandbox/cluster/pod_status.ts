import { kubeTime } from "../agent/kubelet/mod.ts";

/** What a kubelet would say of a Pod that is one process. */
export interface ProcessState {
  component: string;
  podIP: string;
  hostIP: string;
  startedMs: number;
  restarts: number;
  /** In words such as `SIGKILL`; undefined while it runs. */
  ended?: { how: string; atMs: number };
  isReady: boolean;
}

/** The status subresource of core/v1 Pod, with the container's state and the conditions that kubectl reads. */
export function podStatus(state: ProcessState): object {
  const { component, podIP, hostIP, startedMs, restarts, ended, isReady } = state;
  const at = kubeTime(ended?.atMs ?? startedMs);
  const condition = (type: string, isTrue: boolean) => ({
    type,
    status: isTrue ? "True" : "False",
    lastTransitionTime: at,
    ...(!isTrue && {
      reason: "ContainersNotReady",
      message: `containers with unready status: [${component}]`,
    }),
  });
  return {
    phase: "Running",
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: kubeTime(startedMs),
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", isReady),
      condition("Ready", isReady),
    ],
    containerStatuses: [
      {
        name: component,
        image: "metallb-ts",
        imageID: "",
        ready: isReady,
        started: !ended,
        restartCount: restarts,
        state: ended
          ? {
              terminated: {
                reason: "Error",
                exitCode: exitCode(ended.how),
                message: ended.how,
                finishedAt: at,
              },
            }
          : { running: { startedAt: at } },
      },
    ],
  };
}

/** 128 and the signal, as a shell counts it. */
export function exitCode(how: string): number {
  const signals: Record<string, number> = {
    SIGINT: 130,
    SIGKILL: 137,
    SIGSEGV: 139,
    SIGTERM: 143,
    SIGABRT: 134,
  };
  return signals[how] ?? (Number(/\d+/.exec(how)?.[0]) || 0);
}
