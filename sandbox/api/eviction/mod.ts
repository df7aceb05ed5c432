/**
 * Voluntary disruptions (kubernetes.io "Disruptions"): PodDisruptionBudgets whose status is kept true, and the eviction
 * of pods that asks them. `kubectl drain` works by it. Left out: webhooks of `pods/eviction`, and grace periods: a pod
 * that is evicted is gone at once, as any deleted pod of the sandbox.
 */
export { runDisruptionBudgets } from "./disruption_controller.ts";
export { evictPod } from "./evict.ts";
