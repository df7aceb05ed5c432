import { Registry } from "prom-client";
import { createConsole, registryMetrics, type Served, serve } from "#server/mod.ts";
import { FixtureAuth, FixturePort } from "./fixture_port.ts";
import type { World } from "./world/mod.ts";

export interface ServedConsole {
  port: FixturePort;
  served: Served;
  origin: string;
}

/** The console over a made-up cluster, on loopback. */
export async function serveConsole(world: World, tcpPort = 0): Promise<ServedConsole> {
  const port = new FixturePort(world);
  const app = createConsole({
    port,
    auth: new FixtureAuth(),
    metrics: registryMetrics(new Registry()),
    version: "0.1.0",
  });
  const served = await serve(app, { hostname: "127.0.0.1", port: tcpPort });
  return { port, served, origin: `http://127.0.0.1:${served.port}` };
}
