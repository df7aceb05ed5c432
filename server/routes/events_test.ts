import { expect, test } from "bun:test";
import { loggedIn } from "#tests/console/client.ts";

async function openStream(headers: Record<string, string> = {}) {
  const client = await loggedIn();
  const answer = await client.get("/events", headers);
  const reader = answer.body?.getReader();
  if (!reader) throw new Error("the stream has no body");
  const decoder = new TextDecoder();
  let text = "";
  /** Reads on until the text holds that line. */
  const readUntil = async (line: string) => {
    while (!text.includes(line)) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    return text;
  };
  return { client, answer, readUntil, close: () => reader.cancel() };
}

test("GET /events sends named pokes with ids and no content", async () => {
  const { client, answer, readUntil, close } = await openStream();
  expect(answer.headers.get("Content-Type")).toBe("text/event-stream");
  await readUntil(": open");
  client.port.poke("services");
  client.port.poke("bgp");
  const text = await readUntil("event: bgp");
  expect(text).toMatch(/^: open\n\nevent: services\ndata: \nid: \w{8}\.1\n\nevent: bgp\n/);
  await close();
});

test("GET /events tells everything to a stream that comes back to another run of the server", async () => {
  const { readUntil, close } = await openStream({ "Last-Event-ID": "00000000.99" });
  const text = await readUntil("event: configuration");
  for (const topic of ["services", "pools", "layer2", "bgp", "speakers", "configuration"]) {
    expect(text).toContain(`event: ${topic}\n`);
  }
  await close();
});
