/** Milliseconds since the epoch. */
export type Instant = number;

/** What changed; a region of the console pulls itself when its topic is poked. */
export type Topic = "pools" | "services" | "layer2" | "bgp" | "speakers" | "configuration";

/** One page of a longer list. */
export interface Page<Row> {
  rows: Row[];
  total: number;
  page: number;
  pageSize: number;
}
