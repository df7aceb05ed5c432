import { describe, expect, test } from "bun:test";
import { page, seen } from "#tests/console/client.ts";
import { makeWorld } from "#tests/console/world/mod.ts";

describe("layer 2, what passes", () => {
  const middle = () => makeWorld({ nodes: 6, pools: 1, poolSize: 40, services: 30, peers: 1 });
  const row = async (index: number) => {
    const world = middle();
    const { address } = world.layer2.filter((one) => one.leaders.length === 1)[index] ?? { address: "" };
    const { html } = await page(`/layer2?search=${address}`, {}, world);
    return { html, text: seen(html) };
  };

  test("shows an address in use by another host with its MAC and ours, and since when", async () => {
    const { html, text } = await row(1);
    expect(html).toContain('data-state="conflict"');
    expect(text).toContain("conflict: another host 00:11:32:a4:5b:6c on eth0, for 4 min");
    expect(text).toContain("which announces it with MAC 02:42:c0:a8:01:");
  });

  test("an address that is still probed for is not called announced", async () => {
    const { html, text } = await row(2);
    expect(text).toContain("probing");
    expect(html).not.toContain('data-tone="good"><i aria-hidden="true"></i><a href="/speakers/');
  });

  test("a hand-over is no conflict, and says to whom", async () => {
    const { html, text } = await row(3);
    expect(html).toContain('data-state="led"');
    expect(text).toMatch(/hands over to node\d/);
  });

  test("says who is next, and how often it is asked and answered", async () => {
    const { text } = await row(0);
    expect(text).toMatch(/next: node\d \+/);
    expect(text).toContain("1,204 / 1,204");
  });
});

describe("speakers", () => {
  const large = () => makeWorld({ nodes: 70, pools: 1, poolSize: 40, services: 30, peers: 1 });

  test("a blocked ring port is a warning that says what it costs", async () => {
    const text = seen((await page("/speakers", {}, large())).html);
    expect(text).toContain(
      "1 node hears nobody on UDP port 7947: degraded to memberlist, a takeover takes 6–14 s instead of 0.6 s",
    );
    expect(text).toContain("are not heeded: 1 live speaker does not describe itself");
    expect(seen((await page("/speakers")).html)).toContain("a node that dies is replaced in about 0.6 s");
  });

  test("one speaker: who watches it, whom it found dead and how, and the command to drain it", async () => {
    const text = seen((await page("/speakers/node3", {}, large())).html);
    expect(text).toContain("Watched by node1 , node2 , node4");
    expect(text).toContain("node2 was found dead silent for 604 ms; accused by node4, node5");
    expect(text).toContain("kubectl annotate node node3 metallb.io/drain=true");
    expect(text).toContain("dead node2");
    expect(text).toContain("19 more");
    const drained = seen((await page("/speakers/node4", {}, large())).html);
    expect(drained).toContain("kubectl annotate node node4 metallb.io/drain-");
  });

  test("one that is not there is said to be so", async () => {
    const { html, status } = await page("/speakers/elsewhere");
    expect(status).toBe(404);
    expect(seen(html)).toContain("There is no speaker on node elsewhere.");
  });
});
