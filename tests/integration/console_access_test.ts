/** Who may look at the console, with accounts, roles and tokens as docs/installation.md makes them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, ownNamespace, TestCluster } from "./controller_support.ts";
import { hasKubectl } from "./sandbox_api_support.ts";

describe.skipIf(!hasKubectl)(`access to the console${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.startController();
    for (const name of ["metallb-console", "some-pod"]) await kubectl("create", "serviceaccount", name);
    await kubectl(
      ...["create", "clusterrolebinding", "metallb-console", "--clusterrole=view"],
      `--serviceaccount=${ownNamespace}:metallb-console`,
    );
  });
  afterAll(() => cluster?.stop());

  async function kubectl(...args: string[]): Promise<string> {
    const child = Bun.spawn(["kubectl", "--kubeconfig", cluster.kubeconfig, "-n", ownNamespace, ...args], {
      env: { PATH: process.env.PATH ?? "", HOME: cluster.directory },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  const get = (path: string, token?: string) =>
    fetch(`http://127.0.0.1:${cluster.controller?.port}${path}`, {
      redirect: "manual",
      ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    });

  function logIn(token: string): Promise<Response> {
    const origin = `http://127.0.0.1:${cluster.controller?.port}`;
    return fetch(`${origin}/login`, {
      method: "POST",
      redirect: "manual",
      headers: { Origin: origin, "Sec-Fetch-Site": "same-origin" },
      body: new URLSearchParams({ token }),
    });
  }

  test("an account with the role view sees pages and API, as long as it is there", async () => {
    const token = await kubectl("create", "token", "metallb-console");
    expect((await get("/api/v1/overview", token)).status).toBe(200);
    const entered = await logIn(token);
    expect([entered.status, entered.headers.get("Location")]).toEqual([303, "/"]);
    const [cookie = ""] = (entered.headers.get("Set-Cookie") ?? "").split(";");
    const page = await fetch(`http://127.0.0.1:${cluster.controller?.port}/services`, {
      headers: { Cookie: cookie },
    });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("metallb")]);
    await kubectl("delete", "clusterrolebinding", "metallb-console");
    // A good answer is remembered for ten seconds.
    await eventually("the right is gone", 20_000, async () => {
      return (await get("/api/v1/overview", token)).status === 403;
    });
  }, 40_000);

  test("the account of any Pod does not, and is told what it lacks", async () => {
    const token = await kubectl("create", "token", "some-pod");
    const answer = await get("/api/v1/services", token);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      {
        error: `system:serviceaccount:${ownNamespace}:some-pod may not list Services in all namespaces, which is what is shown here`,
      },
    ]);
    const login = await logIn(token);
    expect([login.status, login.headers.get("Set-Cookie")]).toEqual([403, null]);
  });

  test("nobody, and a token that is none, are sent away", async () => {
    expect((await get("/api/v1/services")).status).toBe(401);
    expect((await get("/api/v1/services", "made-up")).status).toBe(401);
    expect((await get("/services")).status).toBe(303);
  });
});
