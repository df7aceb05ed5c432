import { describe, expect, test } from "bun:test";
import { type CallLimits, type KubeClient, KubeError, resources } from "#k8s/mod.ts";
import { ManualClock } from "#k8s/testing/mod.ts";
import { LeaderClient } from "./leader_client.ts";

const object = { metadata: { name: "a", namespace: "ns" } };

function start() {
  const clock = new ManualClock();
  const term = new AbortController();
  const state = { leads: true };
  const given: CallLimits[] = [];
  let answer = Promise.withResolvers<typeof object>();
  const client: Partial<KubeClient> = {
    get: async () => object,
    create(_resource, _object, limits = {}) {
      given.push(limits);
      answer = Promise.withResolvers();
      limits.mayGo?.();
      return answer.promise;
    },
  };
  const leader = new LeaderClient({
    client: client as KubeClient,
    clock,
    leads: () => state.leads,
    term: () => term.signal,
    writeMs: 5_000,
  });
  return { leader, clock, term, state, given, answer: () => answer };
}

describe("LeaderClient", () => {
  test("a write has the term's signal, an end at the server, and is asked for leave when it goes out", async () => {
    const { leader, term, state, given, answer } = start();
    const write = leader.create(resources.services, object);
    answer().resolve(object);
    await write;
    expect(given).toEqual([{ timeoutMs: 5_000, signal: term.signal, mayGo: expect.any(Function) }]);
    state.leads = false;
    expect(() => given[0]?.mayGo?.()).toThrow("does not lead");
  });

  test("who does not lead writes nothing, and reads", async () => {
    const { leader, state, given } = start();
    state.leads = false;
    expect(await leader.create(resources.services, object).catch(String)).toContain("does not lead");
    expect(given).toEqual([]);
    expect(await leader.get(resources.services, "a", "ns")).toBe(object);
  });

  test("close() waits for what is under way, lets nothing more through, and knows that all of it is done", async () => {
    const { leader, answer } = start();
    const write = leader.create(resources.services, object);
    const closed = leader.close(1_000);
    expect(await leader.create(resources.services, object).catch(String)).toContain("does not lead");
    answer().resolve(object);
    await write;
    expect(await closed).toBe(true);
  });

  test.each([
    ["refused by the server: it is not carried out", new KubeError(409, "Conflict", "changed"), true],
    ["out of the server's time: it may still be carried out", new KubeError(504, "Timeout", "late"), false],
    ["never answered: it may still be carried out", new Error("connection reset"), false],
  ])("close() after a write that was %s", async (_, failure, isDone) => {
    const { leader, answer, clock } = start();
    const write = leader.create(resources.services, object).catch(() => {});
    answer().reject(failure);
    await write;
    expect(await leader.close(1_000)).toBe(isDone);
    await clock.advance(5_000);
    expect(await leader.close(1_000)).toBe(true);
  });

  test("close() gives up on a write that nobody answers", async () => {
    const { leader, clock } = start();
    void leader.create(resources.services, object);
    const closed = leader.close(1_000);
    await clock.advance(1_000);
    expect(await closed).toBe(false);
  });
});
