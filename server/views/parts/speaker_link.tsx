/** @jsxImportSource hono/jsx */
import { speakerPath } from "../paths.ts";

/** A node, leading to the page of its speaker. */
export function SpeakerLink({ node }: { node: string }) {
  return <a href={speakerPath(node)}>{node}</a>;
}
