/** What the options of TLS do on the wire, as OpenSSL sees it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect as connectTls } from "node:tls";
import { createSelfSigned } from "#k8s/certificates/mod.ts";
import { type TlsFlags, TlsListener, tlsPolicy } from "#server/tls/mod.ts";

const hasOpenssl = Bun.which("openssl") !== null;
const title = `TLS on the wire${hasOpenssl ? "" : " (needs openssl)"}`;
const limits = { hostname: "127.0.0.1", port: 0, requestBytesMax: 1_024 };
const names = { commonName: "test", names: ["localhost"], addresses: ["127.0.0.1"], days: 1 };
const certificate = createSelfSigned({ ...names, now: new Date() });

describe.skipIf(!hasOpenssl)(title, () => {
  const listeners: TlsListener[] = [];
  afterAll(() => Promise.all(listeners.map((listener) => listener.stop())));

  async function listen(flags: TlsFlags): Promise<number> {
    const policy = tlsPolicy(flags);
    const listener = new TlsListener({ ...limits, policy, fetch: () => new Response("ok") });
    listeners.push(listener);
    await listener.show(certificate);
    return listener.port;
  }

  /** What was agreed upon: `TLSv1.3 X25519`; "refused" where nothing was. */
  async function agree(port: number, ...offer: string[]): Promise<string> {
    const line = ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...offer];
    const client = Bun.spawn(line, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    const text = await new Response(client.stdout).text();
    const [, version, cipher] = text.match(/^New, (\S+), Cipher is (\S+)$/m) ?? [];
    const [, group = ""] = text.match(/^Server Temp Key: (?:ECDH, )?(\w+),/m) ?? [];
    if (!version || cipher === "(NONE)") return "refused";
    return version === "TLSv1.3" ? `${version} ${group}` : `${version} ${cipher}`;
  }

  const suites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
  const tls12 = { minVersion: "VersionTLS12" };
  test.each<[TlsFlags, string[], string]>([
    [{}, ["-tls1_3"], "TLSv1.3 X25519"],
    [{}, ["-tls1_2"], "refused"],
    [tls12, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"],
    [tls12, ["-tls1_3"], "TLSv1.3 X25519"],
    [tls12, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "refused"],
    [
      { ...tls12, cipherSuites: suites },
      ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"],
      "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305",
    ],
    [{ ...tls12, cipherSuites: suites }, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], "refused"],
    [{ curvePreferences: "24" }, ["-groups", "X25519:P-384"], "TLSv1.3 secp384r1"],
    [{ curvePreferences: "24" }, ["-groups", "X25519"], "refused"],
    [{ curvePreferences: "23,29" }, ["-groups", "X25519:P-256"], "TLSv1.3 prime256v1"],
    [{ curvePreferences: "4588,25" }, ["-groups", "P-521"], "TLSv1.3 secp521r1"],
  ])("%j, offered %j: %s", async (flags, offer, agreed) => {
    expect(await agree(await listen(flags), ...offer)).toBe(agreed);
  });
});

describe("TlsListener", () => {
  let listener: TlsListener;
  let release: () => void;
  const arrived = Promise.withResolvers<void>();
  beforeAll(async () => {
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    listener = new TlsListener({
      ...limits,
      policy: tlsPolicy(),
      async fetch(request) {
        if (request.url.endsWith("/slow")) {
          arrived.resolve();
          await slow;
        }
        return new Response(`answered ${new URL(request.url).pathname}`);
      },
    });
    await listener.show(certificate);
  });
  afterAll(() => listener.stop());

  const get = async (path: string, caPem: string) => {
    const response = await fetch(`https://127.0.0.1:${listener.port}${path}`, {
      tls: { ca: caPem },
      keepalive: false,
    });
    return await response.text();
  };

  test("exchanges its certificate while a request is under way and a connection is open", async () => {
    const [first, second] = [certificate, createSelfSigned({ ...names, now: new Date() })];
    const pending = get("/slow", first.certPem);
    // A connection in the middle of its handshake has no certificate yet.
    await arrived.promise;
    const idle = connectTls({ host: "127.0.0.1", port: listener.port, ca: first.certPem });
    await new Promise((resolve) => idle.once("secureConnect", resolve));
    expect(idle.authorized).toBe(true);
    const port = listener.port;
    await listener.show(second);
    expect(listener.port).toBe(port);
    for (let turn = 0; turn < 20; turn++) expect(await get("/new", second.certPem)).toBe("answered /new");
    expect(await get("/old", first.certPem).catch(() => "not trusted")).toBe("not trusted");
    release();
    expect(await pending).toBe("answered /slow");
    idle.destroy();
  });

  test("does not share its port with a stranger who would share", async () => {
    const stranger = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      reusePort: true,
      fetch: () => new Response("stranger"),
    });
    const late = new TlsListener({
      ...limits,
      port: Number(stranger.port),
      policy: tlsPolicy(),
      fetch: () => new Response("mine"),
    });
    await expect(late.show(certificate)).rejects.toThrow(`port ${stranger.port} in use`);
    await stranger.stop(true);
  });
});
