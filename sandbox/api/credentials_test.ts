import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { createCertificates, writeKubeconfig } from "./mod.ts";

const now = new Date("2026-01-02T03:04:05Z");

describe("createCertificates()", () => {
  test("gives a serving certificate for the names and addresses, signed by its own authority", async () => {
    const made = await createCertificates({ names: ["localhost"], addresses: ["127.0.0.1", "fd00::1"], now });
    const [authority, serving] = [new X509Certificate(made.caPem), new X509Certificate(made.certPem)];
    expect(serving.verify(authority.publicKey)).toBe(true);
    expect(serving.checkIssued(authority)).toBe(true);
    expect([authority.ca, serving.ca]).toEqual([true, false]);
    expect(serving.checkHost("localhost")).toBe("localhost");
    expect(serving.checkHost("example.com")).toBeUndefined();
    expect(serving.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(serving.checkIP("fd00::1")).toBe("fd00::1");
    expect(serving.checkPrivateKey(createPrivateKey(made.keyPem))).toBe(true);
  });

  test("is good from a little before now, for a year", async () => {
    const { certPem } = await createCertificates({ names: ["a"], addresses: [], now });
    const { validFromDate, validToDate } = new X509Certificate(certPem);
    expect(validFromDate).toEqual(new Date("2026-01-02T02:59:05Z"));
    expect(validToDate).toEqual(new Date("2027-01-02T03:04:05Z"));
  });
});

describe("writeKubeconfig()", () => {
  test("writes one context, the current one, that holds server, authority and token", () => {
    const text = writeKubeconfig({ server: "https://127.0.0.1:6443", caPem: "PEM", token: "secret" });
    expect(parse(text)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "metallb-sandbox",
      clusters: [
        {
          name: "metallb-sandbox",
          cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": btoa("PEM") },
        },
      ],
      users: [{ name: "metallb-sandbox", user: { token: "secret" } }],
      contexts: [
        { name: "metallb-sandbox", context: { cluster: "metallb-sandbox", user: "metallb-sandbox" } },
      ],
    });
    expect(
      parse(writeKubeconfig({ server: "s", caPem: "", token: "t", contextName: "x" }))["current-context"],
    ).toBe("x");
  });
});
