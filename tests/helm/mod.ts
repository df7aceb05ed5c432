/**
 * A Helm chart rendered without Helm, which neither Debian nor npm has: the part of Go's text/template, sprig and Helm
 * that k8s/chart uses, and not a function more. What is not known is an error, so that nothing passes by being left out.
 * Where `helm` is in PATH the tests hold every rendering against Helm's own.
 *
 * ```ts
 * const { objects } = renderAsHelm({ chart: "k8s/chart", release: "metallb", namespace: "metallb-system" });
 * ```
 */
export { helm, renderAsHelm } from "./against_helm.ts";
export { documents, type Rendered, type RenderOptions, renderChart } from "./chart.ts";
export { ChartRefusal } from "./functions.ts";
