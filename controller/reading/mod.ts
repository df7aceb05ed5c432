/** A cluster read and judged from outside, without writing anything: for the command line. */
export { type ClusterReading, type ReadingOptions, readCluster } from "./read_cluster.ts";
