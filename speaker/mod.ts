/** The speaker: on every node, makes the network deliver the addresses that its node is to announce. */

export type { SpeakerOptions } from "./options.ts";
export { type RunningSpeaker, runSpeaker } from "./speaker.ts";
