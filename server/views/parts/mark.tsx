/** @jsxImportSource hono/jsx */
/** How things stand. Each tone has a shape of its own beside its colour, and a word always stands next to it. */
export type Tone = "good" | "warning" | "critical" | "idle" | "info";

/** A state as a shape and a word. */
export function Mark({ tone, word }: { tone: Tone; word: string }) {
  return (
    <span class="mark" data-tone={tone}>
      <i aria-hidden="true" />
      {word}
    </span>
  );
}
