/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** In rem; `public/components.css` has a class for each. Fixed, so that a changed value never moves a column. */
export type ColumnWidth = 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 14 | 15 | 17 | 21;

export interface Column {
  label: string;
  /** What stands in the head instead of the bare label, such as a link that sorts. */
  head?: Child;
  /** Takes what is left where there is none. */
  width?: ColumnWidth;
  isNumber?: boolean;
  sorted?: "ascending" | "descending";
}

interface TableProps {
  /** Read out, not shown: the heading above says it to the eye. */
  caption: string;
  columns: readonly Column[];
  children?: Child;
}

export function Table({ caption, columns, children }: TableProps) {
  return (
    <table class="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ label, head, width, isNumber, sorted }) => (
            <th
              scope="col"
              class={[width && `w${width}`, isNumber && "number"].filter(Boolean).join(" ") || undefined}
              aria-sort={sorted}
            >
              {head ?? label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
