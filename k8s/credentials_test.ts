import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readKubeconfig } from "./kubeconfig.ts";
import { readServiceAccount } from "./service_account.ts";
import { ManualClock } from "./testing/mod.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "credentials-test-"));
});
afterAll(() => rm(directory, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");

function kubeconfig(user: unknown, cluster: object = {}) {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "lab",
    contexts: [{ name: "lab", context: { cluster: "lab", user: "admin", namespace: "metallb-system" } }],
    clusters: [
      {
        name: "lab",
        cluster: {
          server: "https://127.0.0.1:6443/",
          "certificate-authority-data": base64("CA"),
          ...cluster,
        },
      },
    ],
    users: [{ name: "admin", user }],
  });
}

async function write(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await Bun.write(path, text);
  return path;
}

describe("readKubeconfig()", () => {
  test("reads inline certificates", async () => {
    const user = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
    const credentials = await readKubeconfig(await write("inline", kubeconfig(user)));
    expect(credentials).toMatchObject({ server: "https://127.0.0.1:6443", namespace: "metallb-system" });
    expect(await credentials.access()).toEqual({ tls: { ca: "CA", cert: "CERT", key: "KEY" }, headers: {} });
  });

  test("reads files relative to its own place, and a token file anew after a minute", async () => {
    await write("ca.pem", "FILE CA");
    await write("token", "one\n");
    const cluster = { "certificate-authority-data": null, "certificate-authority": "ca.pem" };
    const clock = new ManualClock();
    const path = await write("files", kubeconfig({ tokenFile: "token" }, cluster));
    const credentials = await readKubeconfig(path, clock);
    expect(await credentials.access()).toEqual({
      tls: { ca: "FILE CA" },
      headers: { Authorization: "Bearer one" },
    });
    await write("token", "two\n");
    await clock.advance(59_999);
    expect((await credentials.access()).headers.Authorization).toBe("Bearer one");
    await clock.advance(1);
    expect((await credentials.access()).headers.Authorization).toBe("Bearer two");
  });

  test("keeps the last token when its file cannot be read", async () => {
    await write("passing", "one");
    const clock = new ManualClock();
    const credentials = await readKubeconfig(
      await write("gone", kubeconfig({ tokenFile: "passing" })),
      clock,
    );
    await credentials.access();
    await rm(join(directory, "passing"));
    await clock.advance(120_000);
    expect((await credentials.access()).headers.Authorization).toBe("Bearer one");
  });

  test("names what is missing", async () => {
    const text = kubeconfig({}).replace('"user":"admin"', '"user":"root"');
    const path = await write("missing", text);
    expect(readKubeconfig(path)).rejects.toThrow('there is no user "root"; present are "admin"');
    expect(readKubeconfig(await write("empty", "apiVersion: v1\n"))).rejects.toThrow("current-context");
  });

  test("an exec plugin is run by client-node, and its token is used", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "from-plugin" },
    };
    const script = await write("plugin.sh", `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
    const exec = {
      apiVersion: credential.apiVersion,
      command: "sh",
      args: [script],
      interactiveMode: "Never",
    };
    const credentials = await readKubeconfig(await write("exec", kubeconfig({ exec })));
    const access = await credentials.access();
    expect(access.headers.Authorization).toBe("Bearer from-plugin");
    expect(access.tls.ca).toBe("CA");
  });
});

describe("readServiceAccount()", () => {
  test("reads the Pod's files and variables; an IPv6 host is bracketed", async () => {
    await write("ca.crt", "POD CA");
    await write("token", "pod-token");
    await write("namespace", "metallb-system\n");
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const credentials = await readServiceAccount(directory, env);
    expect(credentials).toMatchObject({ server: "https://[fd00::1]:443", namespace: "metallb-system" });
    expect(await credentials?.access()).toEqual({
      tls: { ca: "POD CA" },
      headers: { Authorization: "Bearer pod-token" },
    });
  });

  test("is undefined outside a Pod", async () => {
    expect(await readServiceAccount(directory, {})).toBeUndefined();
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    expect(await readServiceAccount(join(directory, "none"), env)).toBeUndefined();
  });
});
