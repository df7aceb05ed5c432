import { expect, test } from "bun:test";
import { podStatus } from "./pod_status.ts";

const running = {
  component: "speaker",
  podIP: "192.168.1.11",
  hostIP: "192.168.1.11",
  startedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  restarts: 0,
  isReady: true,
};

test("podStatus() of a process that serves is Running and Ready", () => {
  expect(podStatus(running)).toMatchObject({
    phase: "Running",
    podIP: "192.168.1.11",
    startTime: "2026-01-02T03:04:05Z",
    conditions: expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]),
    containerStatuses: [
      { ready: true, restartCount: 0, state: { running: { startedAt: "2026-01-02T03:04:05Z" } } },
    ],
  });
});

test.each([
  ["SIGKILL", 137],
  ["exit code 3", 3],
])("podStatus() of a process ended by %s is not ready and says how, code %d", (how, exitCode) => {
  const ended = { how, atMs: running.startedMs + 60_000 };
  expect(podStatus({ ...running, isReady: false, ended })).toMatchObject({
    phase: "Running",
    conditions: expect.arrayContaining([
      expect.objectContaining({ type: "Ready", status: "False", lastTransitionTime: "2026-01-02T03:05:05Z" }),
    ]),
    containerStatuses: [{ ready: false, state: { terminated: { exitCode, message: how } } }],
  });
});
