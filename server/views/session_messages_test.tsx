/** @jsxImportSource hono/jsx */
import { describe, expect, test } from "bun:test";
import { words as wordsOf } from "../i18n/mod.ts";
import type { BgpSessionRow } from "../ports.ts";
import { SessionTable } from "./sessions.tsx";

const counts = { opens: 1, updates: 0, notifications: 0, keepalives: 0, routeRefreshes: 0 };
const session: BgpSessionRow = {
  node: "node1",
  peer: "tor",
  address: "10.0.0.1",
  port: 179,
  myASN: 64512,
  state: "Established",
  since: 0,
  prefixesSent: 5,
  prefixesReceived: 0,
  flaps: 0,
  capabilities: [],
};

function show(change: Partial<BgpSessionRow>): string {
  const words = wordsOf("en");
  return String(<SessionTable sessions={[{ ...session, ...change }]} now={90_000} words={words} />);
}

describe("SessionTable", () => {
  test("shows the message log newest first, and counts only what there was", () => {
    const html = show({
      messages: { sent: { ...counts, updates: 2 }, received: counts },
      log: [
        { at: 30_000, direction: "sent", text: "OPEN AS 64512" },
        { at: 60_000, direction: "received", text: "NOTIFICATION Cease <b>" },
      ],
    });
    expect(html).toContain("OPEN 1 / 1 · UPDATE 2 / 0");
    expect(html).not.toContain("KEEPALIVE");
    expect(html.indexOf("NOTIFICATION Cease &lt;b&gt;")).toBeGreaterThan(0);
    expect(html.indexOf("NOTIFICATION Cease")).toBeLessThan(html.indexOf("OPEN AS 64512"));
  });

  test("counts by family where the session carries two, and names what the peer calls itself", () => {
    const families = [
      { family: "ipv4" as const, sent: 3, received: 1 },
      { family: "ipv6" as const, sent: 2, received: 0 },
    ];
    const html = show({ families, peerName: "tor-1" });
    expect(html).toContain("IPv4 3 / 1");
    expect(html).toContain("IPv6 2 / 0");
    expect(html).toContain("tor-1");
    expect(show({ families: families.slice(0, 1) })).not.toContain("IPv4");
  });

  test("an unnumbered peer that was not heard yet goes by its interface", () => {
    expect(show({ address: "eth0", isWaiting: true, state: "Idle" })).not.toContain("eth0:179");
  });
});
