import type { Topic } from "./ports.ts";

export type { Topic };

/** Every topic, in the order in which a new stream hears of what it missed. */
export const topics = [
  "services",
  "pools",
  "layer2",
  "bgp",
  "speakers",
  "configuration",
] as const satisfies readonly Topic[];
