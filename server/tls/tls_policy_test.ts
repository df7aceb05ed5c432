import { describe, expect, test } from "bun:test";
import { type TlsFlags, tlsPolicy } from "./mod.ts";

describe("tlsPolicy()", () => {
  test.each<[string, TlsFlags, object]>([
    ["nothing", {}, { minVersion: 0x0304 }],
    ["empty flags", { minVersion: "", cipherSuites: "", curvePreferences: "" }, { minVersion: 0x0304 }],
    ["TLS 1.2", { minVersion: "VersionTLS12" }, { minVersion: 0x0303 }],
    [
      "suites, TLS 1.3's own among them, twice named once",
      {
        minVersion: "VersionTLS12",
        cipherSuites:
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
      },
      { minVersion: 0x0303, ciphers: "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305" },
    ],
    [
      "curves in their order",
      { curvePreferences: "4588, 29,23" },
      { minVersion: 0x0304, ecdhCurve: "X25519MLKEM768:X25519:P-256" },
    ],
  ])("takes %s", (_, flags, policy) => {
    expect(tlsPolicy(flags)).toEqual(policy as ReturnType<typeof tlsPolicy>);
  });

  const tls12 = { minVersion: "VersionTLS12" };
  test.each<[TlsFlags, string]>([
    [
      { minVersion: "1.2" },
      '--tls-min-version must be VersionTLS12 or VersionTLS13, not "1.2"; older versions are not served (RFC 8996)',
    ],
    [{ minVersion: "VersionTLS11" }, 'not "VersionTLS11"'],
    [
      { cipherSuites: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" },
      "--tls-cipher-suites chooses among suites of TLS 1.2, but TLS 1.3 is asked for: add --tls-min-version=VersionTLS12 or leave the suites out",
    ],
    [{ minVersion: "VersionTLS13", cipherSuites: "TLS_RSA_WITH_AES_128_CBC_SHA" }, "is asked for"],
    [
      { ...tls12, cipherSuites: "ECDHE-RSA-AES128-SHA" },
      '"ECDHE-RSA-AES128-SHA" is not served; allowed are TLS_',
    ],
    [{ ...tls12, cipherSuites: "TLS_RSA_WITH_RC4_128_SHA" }, '"TLS_RSA_WITH_RC4_128_SHA" is not served'],
    [{ ...tls12, cipherSuites: "TLS_AES_128_GCM_SHA256" }, "names only suites of TLS 1.3"],
    [{ curvePreferences: "29,29" }, "--tls-curve-preferences names 29 twice"],
    [
      { curvePreferences: "X25519" },
      '--tls-curve-preferences: "X25519" is not served; allowed are the numbers 23 (P-256), 24 (P-384), 25 (P-521), 29 (X25519), 4588 (X25519MLKEM768)',
    ],
    [{ curvePreferences: "65536" }, '"65536" is not served'],
    [{ curvePreferences: "29," }, '"" is not served'],
  ])("refuses %j", (flags, message) => {
    expect(() => tlsPolicy(flags)).toThrow(message);
  });
});
