import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { certificateFault, createAuthority, issueCertificate } from "./mod.ts";

const now = new Date("2026-01-02T03:04:05Z");
const soon = new Date("2026-02-01T00:00:00Z");
const name = "webhook.ns.svc";
const authority = await createAuthority({ commonName: "cert", organization: "metallb", now, days: 3_650 });
const issue = (names: string[], days = 365) =>
  issueCertificate(authority, { commonName: name, names, now, days });

describe("issueCertificate()", () => {
  test("signs with an authority that was stored as PEM, in either form of its key", async () => {
    const sec1 = createPrivateKey(authority.keyPem).export({ type: "sec1", format: "pem" }).toString();
    for (const keyPem of [authority.keyPem, sec1]) {
      const made = await issueCertificate(
        { ...authority, keyPem },
        { commonName: "w", names: [name], now, days: 1 },
      );
      expect(certificateFault(made, authority, name, now)).toBeUndefined();
    }
  });

  test("says who it is and until when", async () => {
    const { subject, issuer, validToDate } = new X509Certificate((await issue([name])).certPem);
    expect([subject, issuer]).toEqual([`CN=${name}`, "CN=cert\nO=metallb"]);
    expect(validToDate).toEqual(new Date("2027-01-02T03:04:05Z"));
  });
});

describe("certificateFault()", () => {
  test("finds another name, an early end, a foreign authority, a foreign key, and no PEM at all", async () => {
    const good = await issue([name]);
    const other = await createAuthority({ commonName: "cert", organization: "metallb", now, days: 3_650 });
    expect(certificateFault(good, authority, name, soon)).toBeUndefined();
    expect(certificateFault(await issue(["x.ns.svc"]), authority, name, soon)).toBe(`it is not for ${name}`);
    expect(certificateFault(await issue([name], 10), authority, name, soon)).toBe(
      "it ends on 2026-01-12T03:04:05.000Z",
    );
    expect(certificateFault(good, other, name, soon)).toBe("it is not signed by the authority beside it");
    expect(certificateFault({ ...good, keyPem: other.keyPem }, authority, name, soon)).toBe(
      "its key belongs to another certificate",
    );
    expect(certificateFault({ certPem: "", keyPem: "" }, authority, name, soon)).toStartWith(
      "it cannot be read: ",
    );
  });
});
