import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSelfSigned, selfSignedSource } from "./mod.ts";

const options = { commonName: "speaker-x7", names: ["localhost", "speaker-x7"], addresses: ["127.0.0.1"] };
const now = new Date("2026-01-02T03:04:05Z");

describe("createSelfSigned()", () => {
  test("signs itself, with its own key, for its names and addresses", () => {
    const { certPem, keyPem } = createSelfSigned({ ...options, now, days: 365 });
    const certificate = new X509Certificate(certPem);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect([certificate.subject, certificate.issuer]).toEqual(["CN=speaker-x7", "CN=speaker-x7"]);
    expect(certificate.subjectAltName).toBe("DNS:localhost, DNS:speaker-x7, IP Address:127.0.0.1");
    expect(certificate.checkHost("speaker-x7")).toBe("speaker-x7");
    expect(certificate.checkHost("elsewhere")).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  test.each([
    ["2026-01-02T03:04:05Z", 365, "2026-01-02T02:59:05Z", "2027-01-02T03:04:05Z"],
    ["2049-12-31T00:00:00Z", 2, "2049-12-30T23:55:00Z", "2050-01-02T00:00:00Z"],
  ])("at %s for %d days", (at, days, begin, end) => {
    const certificate = new X509Certificate(
      createSelfSigned({ ...options, now: new Date(at), days }).certPem,
    );
    expect([certificate.validFromDate, certificate.validToDate]).toEqual([new Date(begin), new Date(end)]);
  });

  test.skipIf(Bun.which("openssl") === null)(
    "OpenSSL reads what is in it, whatever its random numbers begin with",
    () => {
      for (let turn = 0; turn < 20; turn++) {
        const { certPem } = createSelfSigned({ ...options, now: new Date(), days: 1 });
        const read = ["openssl", "x509", "-noout", "-text", "-purpose"];
        const text = Bun.spawnSync(read, { stdin: Buffer.from(certPem) }).stdout.toString();
        expect(text).toContain("ASN1 OID: prime256v1");
        expect(text).toContain("DNS:localhost, DNS:speaker-x7, IP Address:127.0.0.1");
        expect(text).toContain("SSL server : Yes");
        expect(text).toContain("SSL client : No");
      }
    },
  );

  test("refuses an address that it cannot write", () => {
    expect(() => createSelfSigned({ ...options, addresses: ["::1"], now, days: 1 })).toThrow("only IPv4");
  });
});

describe("selfSignedSource()", () => {
  test("gives one certificate until a month before its end", async () => {
    let at = now;
    const source = selfSignedSource("speaker-x7", { now: () => at.getTime() });
    const first = await source();
    at = new Date("2026-11-30T00:00:00Z");
    expect(await source()).toBe(first);
    at = new Date("2026-12-05T00:00:00Z");
    const second = await source();
    expect(second.certPem).not.toBe(first.certPem);
    expect(new X509Certificate(second.certPem).validToDate).toEqual(new Date("2027-12-05T00:00:00Z"));
  });
});
