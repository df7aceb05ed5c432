/** Columns a terminal gives a text: letters of Chinese, Japanese and Korean take two. */
function columns(text: string): number {
  return Bun.stringWidth(text);
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

/** Rows under their headings, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, columns(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `name   value` lines, the names aligned and indented. */
export function listing(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => columns(name)));
  return rows.map(([name, value]) => `  ${pad(name, width)}   ${value}`).join("\n");
}
