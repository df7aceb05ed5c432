/**
 * The console over made-up data, for those who work on its looks:
 *
 * ```sh
 * bun tests/console/preview.ts [empty|small|large] [port]   # then open the printed address
 * ```
 */
import { Registry } from "prom-client";
import { createConsole, registryMetrics, serve } from "#server/mod.ts";
import { FixtureAuth, FixturePort, goodToken } from "./fixture_port.ts";
import { emptyWorld, largeSize, makeWorld, smallSize } from "./world.ts";

const [scene = "small", port = "7480"] = process.argv.slice(2);
const world = scene === "empty" ? emptyWorld() : makeWorld(scene === "large" ? largeSize : smallSize);
const console_ = createConsole({
  port: new FixturePort(world),
  auth: new FixtureAuth(),
  metrics: registryMetrics(new Registry()),
  version: "preview",
});
const served = await serve(console_, { hostname: "127.0.0.1", port: Number(port) });
console.log(`http://127.0.0.1:${served.port}/login?token=${goodToken}`);
