import { Hono } from "hono";
import type { AuthPort, ConsolePort, MetricsPort } from "./ports.ts";
import { serveMetrics } from "./routes/metrics.ts";

export interface ConsoleOptions {
  port: ConsolePort;
  auth: AuthPort;
  metrics: MetricsPort;
  /** Shown in the header. */
  version: string;
  /** The address users type, where a proxy stands before the console: `https://metallb.example.net`. */
  baseUrl?: string;
}

/** The console, its JSON API, its live events and the controller's `/metrics`. */
export function createConsole(options: ConsoleOptions): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/metrics", serveMetrics(options.metrics));
  return app;
}
