/**
 * What the browser and the scraper see: the console, its JSON API and live events, `/metrics`, and a speaker's state.
 * It knows no Kubernetes and no socket; `controller/` and `speaker/` implement its ports.
 *
 * ```ts
 * const app = createConsole({ port, auth, metrics: registryMetrics(registry), version: "0.1.0" });
 * const served = await serve(app, { hostname: "0.0.0.0", port: 7472 });
 * ```
 */

export { type ConsoleOptions, createConsole } from "./console.ts";
export { type Explanation, explanationOf } from "./explanation.ts";
export type { Readiness } from "./health.ts";
export { type Words, words } from "./i18n/mod.ts";
export { ComponentMetrics, registryMetrics } from "./metrics/mod.ts";
export type * from "./ports.ts";
export { type Served, type ServeOptions, serve } from "./serve.ts";
export { type ConsoleTls, serveConsole } from "./serve_console.ts";
export { serveHealth } from "./serve_health.ts";
export { parseSpeakerState } from "./speaker_state.ts";
export { conversionPath, createWebhooks, validatedKinds } from "./webhooks/mod.ts";
