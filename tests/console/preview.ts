/**
 * The console over made-up data, for those who work on its looks:
 *
 * ```sh
 * bun tests/console/preview.ts [empty|small|large] [port]   # then open the printed address
 * ```
 */
import { goodToken } from "./fixture_port.ts";
import { serveConsole } from "./served.ts";
import { emptyWorld, largeSize, makeWorld, smallSize } from "./world/mod.ts";

const [scene = "small", port = "7480"] = process.argv.slice(2);
const world = scene === "empty" ? emptyWorld() : makeWorld(scene === "large" ? largeSize : smallSize);
const { origin } = await serveConsole(world, Number(port));
console.log(`${origin}/login?token=${goodToken}`);
