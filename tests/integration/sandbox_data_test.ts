import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "mlbt-data-"));
const script = join(import.meta.dir, "harness", "data_server.ts");
const headers = { authorization: "Bearer t", "content-type": "application/json" };
const path = "/api/v1/namespaces/default/configmaps";
const writers = 4;
const acknowledgedMin = 200;
const children: Bun.Subprocess[] = [];

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

async function start() {
  const argv = [process.execPath, script, join(directory, "data.db")];
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "inherit" });
  children.push(child);
  const { value } = await child.stdout.getReader().read();
  return { child, url: `http://127.0.0.1:${new TextDecoder().decode(value).trim()}` };
}

test("every write that was acknowledged outlives kill -9", async () => {
  const { child, url } = await start();
  const acknowledged = new Map<string, string>();
  const write = async (writer: number) => {
    for (let index = 0; ; index++) {
      const body = JSON.stringify({
        metadata: { name: `c-${writer}-${index}` },
        data: { index: `${index}` },
      });
      const answer = await fetch(url + path, { method: "POST", headers, body }).catch(() => undefined);
      const made = await answer?.json().catch(() => undefined);
      if (made === undefined) return;
      acknowledged.set(made.metadata.name, `${made.metadata.uid} ${made.metadata.resourceVersion}`);
      if (acknowledged.size === acknowledgedMin) child.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await child.exited;
  expect(acknowledged.size).toBeGreaterThanOrEqual(acknowledgedMin);
  const again = await start();
  const list = await (await fetch(again.url + path, { headers })).json();
  const found = new Map<string, string>();
  for (const { metadata } of list.items)
    found.set(metadata.name, `${metadata.uid} ${metadata.resourceVersion}`);
  for (const [name, version] of acknowledged) expect([name, found.get(name)]).toEqual([name, version]);
}, 30_000);
