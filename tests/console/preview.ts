/**
 * The console over made-up data, for those who work on its looks:
 *
 * ```sh
 * bun tests/console/preview.ts [empty|small|large|promises] [port]   # then open the printed address
 * ```
 */
import { goodToken } from "./fixture_port.ts";
import { serveConsole } from "./served.ts";
import { emptyWorld, largeSize, makePromisingWorld, makeWorld, smallSize } from "./world/mod.ts";

const [scene = "small", port = "7480"] = process.argv.slice(2);
const scenes = {
  empty: emptyWorld,
  small: () => makeWorld(smallSize),
  large: () => makeWorld(largeSize),
  promises: makePromisingWorld,
};
if (!(scene in scenes))
  throw new Error(`"${scene}" is no scene; there are ${Object.keys(scenes).join(", ")}`);
const world = scenes[scene as keyof typeof scenes]();
const { origin } = await serveConsole(world, Number(port));
console.log(`${origin}/login?token=${goodToken}`);
