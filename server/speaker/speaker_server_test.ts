import { describe, expect, test } from "bun:test";
import { Registry } from "prom-client";
import { FixtureAuth, goodToken } from "#tests/console/fixture_port.ts";
import { registryMetrics } from "../metrics/mod.ts";
import type { SpeakerState } from "../ports.ts";
import { parseSpeakerState } from "../speaker_state.ts";
import { createSpeakerServer } from "./speaker_server.ts";

function start() {
  const state: SpeakerState = {
    version: 3,
    node: "node1",
    pod: "speaker-abc",
    build: "0.1.0",
    startedAt: 1_000,
    recordOnly: true,
    announcements: [],
    routes: [],
    sessions: [],
    members: [],
    moves: [],
    issues: [],
  };
  const waits: { after: number; timeoutMs: number }[] = [];
  let change = () => {};
  const app = createSpeakerServer({
    state: () => state,
    waitForChange: (after, timeoutMs) => {
      waits.push({ after, timeoutMs });
      return new Promise((resolve) => {
        change = () => {
          state.version++;
          resolve();
        };
      });
    },
    auth: new FixtureAuth(),
    metrics: registryMetrics(new Registry()),
  });
  const get = (path: string, token?: string) =>
    app.request(path, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
  return { get, waits, change: () => change() };
}

describe("createSpeakerServer()", () => {
  test("serves /healthz and /metrics to everybody", async () => {
    const { get } = start();
    expect(await (await get("/healthz")).text()).toBe("ok");
    expect((await get("/metrics")).headers.get("Content-Type")).toStartWith("text/plain; version=0.0.4");
  });

  test("gives its state to who holds the token, and to nobody else", async () => {
    const { get } = start();
    expect((await get("/api/v1/state")).status).toBe(401);
    expect((await get("/api/v1/state", "wrong")).status).toBe(401);
    const answer = await get("/api/v1/state", goodToken);
    expect(answer.status).toBe(200);
    expect(parseSpeakerState(await answer.json()).version).toBe(3);
  });

  test("answers at once when the reader is behind, or asks for no waiting", async () => {
    const { get, waits } = start();
    expect((await get("/api/v1/state?after=2&wait=10", goodToken)).status).toBe(200);
    expect((await get("/api/v1/state?after=3", goodToken)).status).toBe(200);
    expect(waits).toEqual([]);
  });

  test("waits for a change when the reader has the present version", async () => {
    const { get, waits, change } = start();
    const pending = get("/api/v1/state?after=3&wait=10", goodToken);
    for (let turn = 0; turn < 10 && waits.length === 0; turn++) await Promise.resolve();
    expect(waits).toEqual([{ after: 3, timeoutMs: 10_000 }]);
    change();
    expect((await (await pending).json()) as SpeakerState).toMatchObject({ version: 4 });
  });

  test.each(["after=x", "wait=-1", "wait=61", "after=1&wait=soon"])("refuses ?%s in words", async (query) => {
    const { get } = start();
    const answer = await get(`/api/v1/state?${query}`, goodToken);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("wait takes seconds from 0 to 60");
  });

  test("says that other paths are not served", async () => {
    const answer = await start().get("/", goodToken);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: "/ is not served here" });
  });
});
