/** SPDY/3.1 as Kubernetes tunnels it through a WebSocket for `kubectl port-forward` (KEP-4006): the server's side. */
export { SpdySession, type SpdyStream } from "./session.ts";
