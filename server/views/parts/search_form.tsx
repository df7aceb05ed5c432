/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import { regionForm } from "../hx.ts";

interface SearchFormProps {
  path: string;
  regionId: string;
  search: string;
  placeholder: string;
  /** What else the URL asks for and a search keeps, such as the order. */
  keep?: Record<string, string>;
  words: Words;
}

/** Searches while one types; a button submits it where there is no script. */
export function SearchForm({ path, regionId, search, placeholder, keep = {}, words }: SearchFormProps) {
  return (
    <form class="search" {...regionForm(path, regionId)}>
      <input
        id={`${regionId}-search`}
        type="search"
        name="search"
        value={search}
        placeholder={placeholder}
        aria-label={placeholder}
        maxlength={200}
        autocomplete="off"
        aria-keyshortcuts="Control+K"
      />
      {Object.entries(keep).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <noscript>
        <button type="submit">{words.t("search.submit")}</button>
      </noscript>
    </form>
  );
}
