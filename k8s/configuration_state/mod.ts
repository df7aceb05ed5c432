/**
 * What one component makes of the configuration, in the cluster: ConfigurationState `controller`, and one
 * `speaker-<node>` for each node, with MetalLB's names, labels, conditions and field managers.
 *
 * ```ts
 * const state = new ConfigurationStateWriter({ client, namespace, component: { type: "controller" }, ... });
 * state.report({ issues: ["IPAddressPool \"a\": spec.addresses: there are no addresses"] });
 * ```
 */

export type { Verdict } from "./status.ts";
export { type Component, ConfigurationStateWriter } from "./writer.ts";
