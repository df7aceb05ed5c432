import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "mlbt-data-"));
const script = join(import.meta.dir, "harness", "data_server.ts");
const path = "/api/v1/namespaces/default/configmaps";
const writers = 4;
const acknowledgedMin = 300;
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

interface Answered {
  metadata: { name: string; uid: string; resourceVersion: string };
  data: { step: string };
}

/** Undefined where no answer came whole: nobody knows then whether it was written. */
async function send(method: string, url: string, body?: object): Promise<Answered | undefined> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const headers = { authorization: "Bearer t", "content-type": type };
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(
    () => undefined,
  );
  if (answer?.ok === false) throw new Error(`${method} ${url} was answered by ${answer.status}`);
  return (await answer?.json().catch(() => undefined)) as Answered | undefined;
}

const told = ({ metadata, data }: Answered) => `${metadata.uid} ${metadata.resourceVersion} ${data.step}`;

test("every creation, update and deletion that was acknowledged outlives kill -9", async () => {
  const { child, url } = await start();
  /** What each object must be found as; "gone" for one that was deleted. */
  const expected = new Map<string, string>();
  /** Objects with a write that was under way: that one may have happened or not. */
  const inDoubt = new Set<string>();
  const acknowledged = { POST: 0, PATCH: 0, DELETE: 0 };
  let count = 0;
  const write = async (method: keyof typeof acknowledged, name: string, body?: object) => {
    const isCreation = method === "POST";
    inDoubt.add(name);
    const answer = await send(method, isCreation ? url + path : `${url + path}/${name}`, body);
    if (answer === undefined) return false;
    inDoubt.delete(name);
    expected.set(name, method === "DELETE" ? "gone" : told(answer));
    acknowledged[method]++;
    count++;
    if (count === acknowledgedMin) child.kill("SIGKILL");
    return true;
  };
  /** Makes one object after the other; changes each twice and deletes every second one. */
  const work = async (writer: number) => {
    for (let index = 0; ; index++) {
      const name = `c-${writer}-${index}`;
      const isAnswered =
        (await write("POST", name, { metadata: { name }, data: { step: "created" } })) &&
        (await write("PATCH", name, { data: { step: "once" } })) &&
        (await write("PATCH", name, { data: { step: "twice" } })) &&
        (index % 2 === 0 || (await write("DELETE", name)));
      if (!isAnswered) return;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)));
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  for (const method of ["POST", "PATCH", "DELETE"] as const) expect(acknowledged[method]).toBeGreaterThan(20);
  expect(inDoubt.size).toBeLessThanOrEqual(writers);

  const again = await start();
  const list = (await send("GET", again.url + path)) as unknown as { items: Answered[] };
  const found = new Map(list.items.map((each) => [each.metadata.name, told(each)]));
  for (const [name, version] of expected) {
    if (!inDoubt.has(name)) expect([name, found.get(name) ?? "gone"]).toEqual([name, version]);
  }
  const known = new Set([...expected.keys(), ...inDoubt]);
  for (const name of found.keys()) if (name !== "kube-root-ca.crt") expect(known).toContain(name);
}, 30_000);
