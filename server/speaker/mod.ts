/**
 * What a speaker serves, apart from the console: it runs on every node, and pages, catalogues and webhooks that it
 * never shows would cost it 15 MB there.
 */
export { registryMetrics } from "../metrics/mod.ts";
export { type Served, type ServeOptions, serve } from "../serve.ts";
export { serveHealth } from "../serve_health.ts";
export { createSpeakerServer, type SpeakerServerOptions } from "./speaker_server.ts";
