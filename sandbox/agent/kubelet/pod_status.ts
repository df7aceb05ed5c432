import type { LocalCondition, LocalPod } from "./local_pod.ts";

/** RFC 3339 with whole seconds, as metav1.Time has it. */
export function kubeTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * The status of a pod whose servers listen on `podIP`; ready unless it is on its way out or a readiness gate is closed.
 * Conditions keep their transition times while their status stays, and those of others are kept as they are.
 */
export function runningStatus(pod: LocalPod, podIP: string, hostIP: string, nowMs: number) {
  const now = kubeTime(nowMs);
  const startTime = pod.startTime || now;
  const closedGate = pod.readinessGates.find(
    (gate) => pod.conditions.find(({ type }) => type === gate)?.status !== "True",
  );
  const containersReady: Claim = pod.deleting
    ? { status: "False", reason: "PodTerminating", message: "the pod is being deleted" }
    : { status: "True" };
  const ready: Claim =
    pod.deleting || closedGate === undefined
      ? containersReady
      : {
          status: "False",
          reason: "ReadinessGatesNotReady",
          message: `corresponding condition of pod readiness gate "${closedGate}" is not True`,
        };
  const own: [string, Claim][] = [
    ["PodReadyToStartContainers", { status: "True" }],
    ["Initialized", { status: "True" }],
    ["Ready", ready],
    ["ContainersReady", containersReady],
    ["PodScheduled", { status: "True" }],
  ];
  const others = pod.conditions.filter(({ type }) => !own.some(([mine]) => mine === type));
  return {
    phase: "Running",
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime,
    qosClass: "BestEffort",
    conditions: [...own.map(([type, claim]) => conditionOf(pod, type, claim, now)), ...others],
    containerStatuses: pod.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      containerID: `sandbox://${pod.uid}/${name}`,
      ready: !pod.deleting,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: startTime } },
    })),
  };
}

/** Does the API server know all of it already? Then nothing is written. */
export function isToldAlready(pod: LocalPod, status: ReturnType<typeof runningStatus>): boolean {
  return (
    pod.phase === status.phase &&
    pod.podIP === status.podIP &&
    status.conditions.every(({ type, status, reason }) =>
      pod.conditions.some(
        (known) => known.type === type && known.status === status && known.reason === reason,
      ),
    )
  );
}

interface Claim {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

function conditionOf(pod: LocalPod, type: string, claim: Claim, now: string): LocalCondition {
  const before = pod.conditions.find((condition) => condition.type === type);
  const hasTurned = before?.status !== claim.status || !before.lastTransitionTime;
  return { type, ...claim, lastTransitionTime: hasTurned ? now : before.lastTransitionTime };
}
