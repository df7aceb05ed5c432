/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** How things stand. Each tone has a shape of its own beside its colour, and a word always stands next to it. */
export type Tone = "good" | "warning" | "critical" | "idle" | "info";

/** A state as a shape and a word, or what it is the state of. */
export function Mark({ tone, word }: { tone: Tone; word: Child }) {
  return (
    <span class="mark" data-tone={tone}>
      <i aria-hidden="true" />
      {word}
    </span>
  );
}
