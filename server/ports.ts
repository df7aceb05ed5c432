/**
 * What the console, the JSON API and the scraper are given to show. `server/` knows no Kubernetes and no socket:
 * `controller/` and `speaker/` implement these ports. All values are plain data that JSON can carry.
 */
export type * from "./ports/access.ts";
export type * from "./ports/admission.ts";
export type * from "./ports/bgp.ts";
export type * from "./ports/common.ts";
export type * from "./ports/console.ts";
export type * from "./ports/layer2.ts";
export type * from "./ports/leadership.ts";
export type * from "./ports/pools.ts";
export type * from "./ports/services.ts";
export type * from "./ports/shadow.ts";
export type * from "./ports/speaker_state.ts";
export type * from "./ports/speakers.ts";
