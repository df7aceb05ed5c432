import { describe, expect, test } from "bun:test";
import { FakeClient, keptLog, ManualClock } from "../testing/mod.ts";
import { KubeError } from "../types.ts";
import { ConfigurationStateWriter } from "./mod.ts";

function open() {
  const client = new FakeClient();
  client.lists.push({ items: [], resourceVersion: "1" });
  const [clock, log, ended] = [new ManualClock(), keptLog(), new AbortController()];
  const writer = new ConfigurationStateWriter({
    client,
    namespace: "metallb-system",
    component: { type: "speaker", node: "node1" },
    podName: undefined,
    log,
    signal: ended.signal,
    clock,
  });
  return { client, clock, log, writer, stop: () => ended.abort() };
}

describe("ConfigurationStateWriter", () => {
  test("writes several verdicts of one moment once, the last", async () => {
    const { client, clock, writer, stop } = open();
    writer.report({ issues: ["one"] });
    writer.report({ issues: [] });
    await clock.advance(200);
    expect(client.created.map(({ metadata }) => metadata.name)).toEqual(["speaker-node1"]);
    expect(client.patched).toMatchObject([{ body: { status: { result: "Valid", errorSummary: "" } } }]);
    stop();
  });

  test("without the permission it says so once, and tries again at long intervals", async () => {
    const { client, clock, log, writer, stop } = open();
    let calls = 0;
    client.beforeWrite = () => {
      calls++;
      throw new KubeError(403, "Forbidden", "configurationstates is forbidden");
    };
    writer.report({ issues: [] });
    await clock.advance(301_000);
    expect(calls).toBe(6);
    const complaints = log.lines.filter((line) => line.includes("ConfigurationState"));
    expect(complaints).toEqual([
      'warn cannot write the ConfigurationState {"name":"speaker-node1","error":"KubeError: configurationstates is forbidden"}',
    ]);
    stop();
  });
});
