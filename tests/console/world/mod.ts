/** Made-up clusters for the console's tests: what a port would answer with, generated the same way every time. */
import { addLayer2, addLayer2States, addMoves, addSessions, addSpeakers } from "./network.ts";
import { addPools, fillMaps } from "./pools.ts";
import { addPromises, promisesSize } from "./promises.ts";
import { addServices } from "./services.ts";
import { addAttention, addIssues } from "./troubles.ts";
import { emptyWorld, type World, type WorldSize } from "./types.ts";

export { membershipOf, speakerDetail } from "./network.ts";
export { emptyWorld, largeSize, smallSize, type World, type WorldSize } from "./types.ts";

/** A cluster of that size, with a little of everything that can go wrong. */
export function makeWorld(size: WorldSize): World {
  const world = emptyWorld();
  const nodes = Array.from({ length: size.nodes }, (_, index) => `node${index + 1}`);
  addPools(world, size);
  addServices(world, size, nodes);
  addLayer2(world, nodes);
  fillMaps(world);
  addSessions(world, size, nodes);
  addSpeakers(world, nodes);
  addMoves(world, nodes);
  if (size.nodes > 3) addLayer2States(world, nodes);
  addAttention(world);
  if (size.pools > 2) addIssues(world);
  return world;
}

/** A cluster whose pools make every promise that annotations can make, with what follows from each. */
export function makePromisingWorld(): World {
  const world = makeWorld(promisesSize);
  addPromises(world);
  return world;
}
