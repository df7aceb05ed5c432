/**
 * The streams of a Pod as kubectl 1.31 and newer asks for them: `pods/log` over HTTP; `pods/exec` and `pods/attach` over
 * a WebSocket (subprotocols v5 and v4 of channel.k8s.io); `pods/portforward` as SPDY/3.1 within a WebSocket. What a
 * kubelet and a container runtime would do is a {@link PodRuntime}, given from outside.
 *
 * ```ts
 * const streams = new PodStreams(runtime, Date.now);
 * return await streams.handle("log", { request, query: url.searchParams, pod: stored, upgrade });
 * ```
 *
 * Limits: no SPDY over an HTTP upgrade, which kubectl before 1.31 speaks; no terminal behind `--tty`, so that a new size
 * is not heard of.
 */
export { isPodStream, PodStreams } from "./pod_streams.ts";
export {
  type ContainerLog,
  type ContainerRef,
  type Execution,
  type LogLine,
  type PodConnection,
  type PodRuntime,
  RuntimeError,
} from "./runtime.ts";
export type { MessageSocket, SocketHandler, Upgrade } from "./socket.ts";
