import { describe, expect, test } from "bun:test";
import { ManualClock, settle } from "#k8s/testing/mod.ts";
import type { SpeakerState } from "#server/ports.ts";
import { followSpeaker } from "./speaker_link.ts";
import { speakerPod, speakerState } from "./testing.ts";

type Answer = Response | Error | "never";

/** Follows one speaker whose answers are a script. */
function follow(answers: Answer[], token: string | undefined = "t0ken") {
  const clock = new ManualClock();
  const abort = new AbortController();
  const asked: { url: string; authorization: string | undefined; at: number }[] = [];
  const states: SpeakerState[] = [];
  const problems: string[] = [];
  const done = followSpeaker({
    pod: speakerPod(),
    clock,
    token: async () => token,
    waitSeconds: () => 10,
    answered: (state) => states.push(state),
    silent: (problem) => problems.push(problem),
    signal: abort.signal,
    fetch: (url, { headers, signal }) => {
      asked.push({ url, authorization: headers.Authorization, at: clock.now() - 1_000_000 });
      const answer = answers.shift() ?? "never";
      if (answer instanceof Response) return Promise.resolve(answer);
      if (answer instanceof Error) return Promise.reject(answer);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  return { clock, abort, asked, states, problems, done };
}

const state = (version: number) => Response.json(speakerState({ version }));
const refused = () => Object.assign(new Error("Unable to connect"), { code: "ECONNREFUSED" });

describe("followSpeaker()", () => {
  test("asks for the state at once, then waits for a newer one with the controller's token", async () => {
    const { clock, asked, states, abort, done } = follow([state(4), state(5)]);
    await clock.advance(0);
    await clock.advance(100);
    await clock.advance(100);
    expect(asked).toEqual([
      { url: "http://192.0.2.11:7472/api/v1/state", authorization: "Bearer t0ken", at: 0 },
      { url: "http://192.0.2.11:7472/api/v1/state?after=4&wait=10", authorization: "Bearer t0ken", at: 100 },
      { url: "http://192.0.2.11:7472/api/v1/state?after=5&wait=10", authorization: "Bearer t0ken", at: 200 },
    ]);
    expect(states.map(({ version }) => version)).toEqual([4, 5]);
    abort.abort();
    await done;
    expect(clock.nextMs()).toBeUndefined();
  });

  test("an answer without news is not told again", async () => {
    const { clock, states } = follow([state(4), state(4)]);
    await clock.advance(200);
    expect(states).toHaveLength(1);
  });

  test("a refused connection is told in words, tried again within two seconds, and its end is told", async () => {
    const { clock, states, problems } = follow([state(4), refused(), refused(), state(4)]);
    await clock.advance(100);
    expect(problems).toEqual(["connection refused: nothing listens on 192.0.2.11 port 7472"]);
    await clock.advance(250 + 500);
    expect(states).toHaveLength(2);
  });

  test("a speaker that says nothing is silent one second after its time", async () => {
    const { clock, problems } = follow([state(4), "never", "never"]);
    await clock.advance(100 + 10_999);
    expect(problems).toEqual([]);
    await clock.advance(1);
    expect(problems).toEqual(["it did not answer within 11 s"]);
    // From then on it is only asked whether it is there.
    await clock.advance(250 + 1_000);
    expect(problems.at(-1)).toBe("it did not answer within 1 s");
  });

  test.each([
    [() => Response.json({ error: "no" }, { status: 401 }), "it refused the controller's bearer token"],
    [() => Response.json({ error: "API away" }, { status: 503 }), "it answered HTTP 503: API away"],
    [() => Response.json({ version: "new" }), "cannot read the speaker's state"],
  ])("an answer that is of no use is told in words", async (answer, words) => {
    const { problems } = follow([answer()]);
    await settle();
    expect(problems[0]).toStartWith(words);
  });

  test("without a token it says what is missing", async () => {
    const { problems, asked } = follow([Response.json({}, { status: 401 })], "");
    await settle();
    expect(asked[0]?.authorization).toBeUndefined();
    expect(problems).toEqual(["it asks for a bearer token, and the controller's credentials hold none"]);
  });
});
