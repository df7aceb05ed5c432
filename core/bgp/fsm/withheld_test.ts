import { describe, expect, test } from "bun:test";
import { type Capability, capabilityCode, ipv4Unicast, type NotificationMessage } from "../codec/mod.ts";
import {
  type Action,
  type Event,
  expiredTimers,
  newSession,
  type Session,
  type SessionParameters,
  transition,
} from "./mod.ts";

const parameters: SessionParameters = {
  localAS: 64512,
  peerAS: 64513,
  holdTimeMs: 90_000,
  connectRetryTimeMs: 10_000,
  idleHoldTimeMs: 250,
  idleHoldTimeMaxMs: 10_000,
  isPassive: false,
  families: [ipv4Unicast],
  hostName: "node1",
};

const refusal = (subcode: number, data: number[] = []): Event => {
  const message: NotificationMessage = {
    type: "NOTIFICATION",
    code: 2,
    subcode,
    data: Uint8Array.from(data),
  };
  return { type: "NotifMsg", message };
};

/** One peer on virtual time: connects at once, and answers each OPEN with what it is given. */
class Attempts {
  session: Session = newSession(parameters, 0);
  readonly offers: Capability[][] = [];
  #now = 0;

  constructor() {
    this.#feed({ type: "ManualStart" });
  }

  /** The codes that the last OPEN offered. */
  get offered(): number[] {
    return (this.offers.at(-1) ?? []).map(capabilityCode);
  }

  answer(event: Event): void {
    this.#feed(event);
    this.#now += 20_000;
    for (const due of expiredTimers(this.session, this.#now)) this.#feed(due);
  }

  #feed(event: Event): void {
    const [session, actions] = transition(this.session, event, { now: this.#now, random: () => 0 });
    this.session = session;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: Action): void {
    if (action.type === "connect") this.#feed({ type: "Tcp_CR_Acked", bgpIdentifier: 1 });
    if (action.type === "send" && action.message.type === "OPEN")
      this.offers.push([...action.message.capabilities]);
  }
}

const everything = [1, 2, 6, 65, 70, 73];
/** RFC 5492 §4: code, length, value. */
const enhancedRefresh = [70, 0];
const fourOctets = [65, 4, 0, 0, 252, 0];

describe("a peer that refuses capabilities (RFC 5492 §3)", () => {
  test("is tried again without the parameter that it does not know", () => {
    const attempts = new Attempts();
    expect(attempts.offered).toEqual(everything);
    attempts.answer(refusal(4));
    expect(attempts.offered).toEqual([]);
    expect(attempts.session.lastError?.text).toBe(
      "NOTIFICATION received: OPEN Message Error, Unsupported Optional Parameter; the next OPEN goes without capabilities",
    );
  });

  test("is tried again without those that it names, one answer after the other", () => {
    const attempts = new Attempts();
    attempts.answer(refusal(7, enhancedRefresh));
    expect(attempts.offered).toEqual([1, 2, 6, 65, 73]);
    attempts.answer(refusal(7, fourOctets));
    expect(attempts.offered).toEqual([1, 2, 6, 73]);
  });

  test("that names none is first offered what the session cannot do without, then nothing", () => {
    const attempts = new Attempts();
    attempts.answer(refusal(7));
    expect(attempts.offered).toEqual([1, 65]);
    attempts.answer(refusal(7));
    expect(attempts.offered).toEqual([]);
    attempts.answer(refusal(7));
    expect(attempts.offered).toEqual([]);
  });

  test.each([
    ["wants a capability that we do not have", refusal(7, [69, 4, 0, 1, 1, 3])],
    ["refuses for another reason", refusal(2)],
    ["sends data that cannot be read", refusal(7, [65, 200])],
  ])("that %s hears the same again", (_, event) => {
    const attempts = new Attempts();
    attempts.answer(event);
    expect([attempts.offered, attempts.offers.length]).toEqual([everything, 2]);
  });

  test("is offered everything again after a session, for it may be another version of itself", () => {
    const attempts = new Attempts();
    attempts.answer(refusal(4));
    attempts.answer({
      type: "BGPOpen",
      message: { type: "OPEN", myAS: 64513, holdTimeSeconds: 0, bgpIdentifier: 2, capabilities: [] },
    });
    attempts.answer({ type: "KeepAliveMsg" });
    expect(attempts.session).toMatchObject({
      state: "Established",
      negotiated: { families: [ipv4Unicast], fourOctetAs: false },
    });
    attempts.answer({ type: "TcpConnectionFails", reason: "TCP connection closed by the peer" });
    expect(attempts.offered).toEqual(everything);
  });
});
