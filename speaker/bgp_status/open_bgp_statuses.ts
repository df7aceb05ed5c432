import type { Cluster } from "../cluster.ts";
import type { SpeakerOptions } from "../options.ts";
import { BgpStatuses } from "./bgp_statuses.ts";
import type { StatusWriterOptions } from "./own_statuses.ts";

interface Parts extends Pick<StatusWriterOptions, "client" | "namespace" | "log" | "signal" | "clock"> {
  readonly options: Pick<SpeakerOptions, "nodeName" | "podName" | "recordOnly">;
  readonly cluster: Pick<Cluster, "speakers">;
}

/** Undefined for a speaker that only records: it announces nothing, and so writes down nothing. */
export function openBgpStatuses({ options, cluster, ...writer }: Parts): BgpStatuses | undefined {
  if (options.recordOnly) return undefined;
  const pod = () => cluster.speakers.get(`${writer.namespace}/${options.podName}`);
  return new BgpStatuses({ ...writer, node: options.nodeName, pod });
}
