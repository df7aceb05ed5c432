/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import { Heading } from "./layout.tsx";

interface MessageProps {
  title: string;
  /** Sentences that say what was wrong and what is allowed. */
  sentences: readonly string[];
  words: Words;
}

/** What a person sees instead of a page: not found, not understood, not possible now. */
export function MessagePage({ title, sentences, words }: MessageProps) {
  return (
    <div class="message">
      <Heading title={title} />
      {sentences.map((sentence) => (
        <p>{sentence}</p>
      ))}
      <p>
        <a href="/">{words.t("message.home")}</a>
      </p>
    </div>
  );
}
