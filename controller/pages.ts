import type { Page } from "#server/ports.ts";

/** The asked page of what was found; beyond the end it is the last page. */
export function pageOf<Found, Row>(
  found: readonly Found[],
  asked: { page: number; pageSize: number },
  toRow: (found: Found) => Row,
): Page<Row> {
  const pageSize = Math.max(1, asked.pageSize);
  const page = Math.min(Math.max(1, asked.page), Math.max(1, Math.ceil(found.length / pageSize)));
  const rows = found.slice((page - 1) * pageSize, page * pageSize).map(toRow);
  return { rows, total: found.length, page, pageSize };
}
