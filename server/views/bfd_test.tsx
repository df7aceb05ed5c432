/** @jsxImportSource hono/jsx */
import { expect, test } from "bun:test";
import { words } from "../i18n/mod.ts";
import type { BfdSessionRow, BgpSessionRow } from "../ports.ts";
import { Bfd } from "./bfd.tsx";

const bfdSession: BfdSessionRow = {
  peers: ["tor"],
  address: "10.99.0.3",
  vrf: "",
  isMultihop: true,
  state: "Up",
  remoteState: "Up",
  since: 0,
  localDiscr: 1,
  remoteDiscr: 2,
  transmitIntervalMs: 50,
  detectionTimeMs: 150,
  echoIntervalMs: 70,
  lastDown: { at: 1_000, why: "Control Detection Time Expired" },
  lastDiscard: { at: 1_000, why: "<sent from too far away>" },
  counters: { controlIn: 1, controlOut: 1, echoIn: 0, echoOut: 0, up: 3, down: 2, discarded: 1 },
};

const session: BgpSessionRow = {
  node: "node1",
  peer: "tor",
  address: "10.99.0.3",
  port: 179,
  myASN: 64512,
  state: "Established",
  since: 0,
  prefixesSent: 1,
  prefixesReceived: 0,
  flaps: 0,
  capabilities: [],
};

const render = (change: Partial<BgpSessionRow>, language: "en" | "ko" = "en") =>
  String(<Bfd session={{ ...session, ...change }} now={61_000} words={words(language)} />);

test("Bfd says how a peer is watched, and why it was last lost, in the reader's language", () => {
  const english = render({ bfd: "up", bfdSession });
  for (const word of ["Up", "150 ms to notice", "several hops", "echo each 70 ms", "A packet each 50 ms"])
    expect(english).toContain(word);
  expect(english).toContain("Last down 1 min ago: Control Detection Time Expired");
  expect(english).toContain("&lt;sent from too far away&gt;");
  expect(english).toContain("Up 3 times, down 2 times");
  expect(render({ bfdSession }, "ko")).toContain("150ms 안에 감지");
});

test("Bfd says less of what it knows less of", () => {
  expect(render({})).toContain("–");
  expect(render({ bfd: "down" })).toContain("down");
});
