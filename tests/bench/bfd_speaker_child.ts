/** BFD in the real data-plane worker, beside a main thread that is idle or busy; one JSON command and answer a line. */

import type { BfdSessionReport, BfdSessionSettings } from "#speaker/data_plane/bfd/types.ts";
import { DataPlane } from "#speaker/data_plane/mod.ts";

export type BenchCommand =
  | { do: "sessions"; sessions: BfdSessionSettings[] }
  /** Parses 10,000 objects each 200 ms, as informers do when caches fill. */
  | { do: "busy"; isBusy: boolean }
  | { do: "look" };

export interface BenchState {
  up: number;
  /** Epoch ms at which each session that is down went down. */
  downAt: number[];
  /** Times that a session went down. */
  downs: number;
}

const reports = new Map<string, BfdSessionReport>();
const dataPlane = new DataPlane({
  node: "speaker",
  heartbeatAddress: "127.0.0.1",
  heartbeatPort: 7947,
  heartbeatKey: new Uint8Array(32),
  heartbeatIntervalMs: 150,
  gratuitousRefreshMs: 60_000,
  excludedInterfaces: [],
});
dataPlane.onReport((report) => {
  if (report.type === "bfd") for (const each of report.sessions) reports.set(each.key, each);
  else if (report.type === "problem") console.error(report.message);
});

/** About 11 MB, of Kubernetes' many small fields. */
const text = JSON.stringify(
  Array.from({ length: 10_000 }, (_, id) => ({
    metadata: {
      name: `service-${id}`,
      uid: crypto.randomUUID(),
      labels: fields("label", 12),
      annotations: fields("note", 12),
    },
    spec: {
      ports: Array.from({ length: 4 }, (_, port) => ({ port, protocol: "TCP", name: `port-${port}` })),
    },
  })),
);
let timer: Timer | undefined;
let sink = 0;

function fields(name: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`example.org/${name}-${at}`, `value-${at}`]),
  );
}

function work(): void {
  const parsed = JSON.parse(text) as { metadata: { name: string } }[];
  sink += new Map(parsed.map((each) => [each.metadata.name, each])).size;
}

function obey(command: BenchCommand): BenchState {
  if (command.do === "sessions") dataPlane.bfd(command.sessions);
  else if (command.do === "busy") {
    clearInterval(timer);
    if (command.isBusy) timer = setInterval(work, 200);
  }
  const all = [...reports.values()];
  return {
    up: all.filter(({ state, remoteState }) => state === "Up" && remoteState === "Up").length,
    downAt: all.filter(({ state }) => state === "Down").map(({ since }) => since),
    downs: all.reduce((sum, { counters }) => sum + counters.down, 0),
  };
}

for await (const line of console) {
  process.stdout.write(`${JSON.stringify(obey(JSON.parse(line) as BenchCommand))}\n`);
  if (sink < 0) break;
}
