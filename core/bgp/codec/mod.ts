/** BGP messages as bytes and as values. */
export * from "./community.ts";
