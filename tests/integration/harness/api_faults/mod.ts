/**
 * Faults between the product and the Kubernetes API, on command.
 *
 * ```ts
 * const proxy = await FaultyProxy.start((request) => api.fetch(request));
 * const fault = proxy.inject({ only: isWatch, act: { do: "answer", status: 429, retryAfterSeconds: 2 } });
 * fault.lift();
 * ```
 */
export type { Ask } from "./ask.ts";
export { type Act, type Fault, isRead, isWatch, isWrite, type Piece } from "./faults.ts";
export { FaultyProxy, type Injection } from "./faulty_proxy.ts";
