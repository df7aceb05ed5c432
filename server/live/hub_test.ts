import { describe, expect, test } from "bun:test";
import { type Topic, topics } from "../topics.ts";
import { Hub, type Poke } from "./hub.ts";

function start() {
  let now = 1_000_000;
  let change: (topic: Topic) => void = () => {};
  const hub = new Hub(
    (listener) => {
      change = listener;
    },
    () => now,
  );
  const listen = (lastEventId?: string) => {
    const heard: Poke[] = [];
    const stop = hub.listen((poke) => heard.push(poke), lastEventId);
    return { heard, stop, names: () => heard.map((poke) => poke.name) };
  };
  return {
    hub,
    listen,
    change: (topic: Topic) => change(topic),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("Hub", () => {
  test("tells every listener what changed, with ids that grow", () => {
    const { change, listen } = start();
    const [one, two] = [listen(), listen()];
    change("pools");
    change("bgp");
    expect(one.names()).toEqual(["pools", "bgp"]);
    expect(two.heard).toEqual(one.heard);
    const numbers = one.heard.map((poke) => Number(poke.id.split(".")[1]));
    expect(numbers).toEqual([1, 2]);
    one.stop();
    two.stop();
  });

  test("a stream that comes back hears exactly what it missed", () => {
    const { change, listen, pass } = start();
    const first = listen();
    change("pools");
    first.stop();
    pass(60_000);
    change("services");
    change("layer2");
    const again = listen(first.heard[0]?.id);
    expect(again.names()).toEqual(["services", "layer2"]);
    const upToDate = listen(again.heard[1]?.id);
    expect(upToDate.names()).toEqual([]);
    again.stop();
    upToDate.stop();
  });

  test("after a restart of the server it hears everything", () => {
    const { listen } = start();
    for (const id of ["other-run.5", "nonsense", ""]) {
      const stream = listen(id);
      expect(stream.names()).toEqual([...topics]);
      stream.stop();
    }
  });

  test("a new page hears what changed while it was on its way", () => {
    const { change, listen, pass } = start();
    change("bgp");
    pass(11_000);
    change("pools");
    pass(2_000);
    const page = listen();
    expect(page.names()).toEqual(["pools"]);
    page.stop();
  });

  test("takes no more listeners than it can serve", () => {
    const { hub, listen } = start();
    const streams = Array.from({ length: 1_000 }, () => listen());
    expect(hub.isFull).toBe(true);
    for (const stream of streams) stream.stop();
    expect(hub.isFull).toBe(false);
  });
});
