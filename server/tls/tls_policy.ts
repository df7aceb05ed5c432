/** What is agreed upon in a handshake, in the words of Bun's (BoringSSL's) options. */
export interface TlsPolicy {
  /** The version's number on the wire (RFC 8446 §4.2.1). */
  readonly minVersion: number;
  /** Suites of TLS 1.2, as OpenSSL writes them; undefined: BoringSSL's own choice. */
  readonly ciphers?: string;
  /** Groups of the key exchange, the preferred one first; undefined: BoringSSL's own choice. */
  readonly ecdhCurve?: string;
}

/** MetalLB's flags as they were given; empty is absent. */
export interface TlsFlags {
  minVersion?: string | undefined;
  cipherSuites?: string | undefined;
  curvePreferences?: string | undefined;
}

const versions: Readonly<Record<string, number>> = { VersionTLS12: 0x0303, VersionTLS13: 0x0304 };

/** IANA's names of TLS 1.2 suites that Go and BoringSSL both have, and OpenSSL's. */
const suites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: "ECDHE-ECDSA-AES128-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: "ECDHE-RSA-AES128-SHA256",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
};

/** Always on with TLS 1.3; Go takes them in its list too, without an effect. */
const suitesOfTls13 = new Set([
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
]);

/** CurveIDs (IANA's "TLS Supported Groups") that BoringSSL has. */
const groups: Readonly<Record<string, string>> = {
  23: "P-256",
  24: "P-384",
  25: "P-521",
  29: "X25519",
  4588: "X25519MLKEM768",
};

/** Reads MetalLB's `--tls-*` flags by its rules. Throws, with the flag and what it may be, where they say something else. */
export function tlsPolicy({ minVersion, cipherSuites, curvePreferences }: TlsFlags = {}): TlsPolicy {
  const number = versions[minVersion || "VersionTLS13"];
  if (number === undefined) {
    const reason = `must be ${Object.keys(versions).join(" or ")}, not ${JSON.stringify(minVersion)}`;
    throw new Error(`--tls-min-version ${reason}; older versions are not served (RFC 8996)`);
  }
  if (cipherSuites && number === versions.VersionTLS13) {
    const remedy = "add --tls-min-version=VersionTLS12 or leave the suites out";
    throw new Error(
      `--tls-cipher-suites chooses among suites of TLS 1.2, but TLS 1.3 is asked for: ${remedy}`,
    );
  }
  return {
    minVersion: number,
    ...(cipherSuites && { ciphers: ciphers(cipherSuites) }),
    ...(curvePreferences && { ecdhCurve: curves(curvePreferences) }),
  };
}

function ciphers(list: string): string {
  const names = list.split(",").map((name) => name.trim());
  for (const name of names) {
    if (suites[name] || suitesOfTls13.has(name)) continue;
    const allowed = Object.keys(suites).join(", ");
    throw new Error(`--tls-cipher-suites: ${JSON.stringify(name)} is not served; allowed are ${allowed}`);
  }
  const chosen = new Set(names.flatMap((name) => suites[name] ?? []));
  if (chosen.size === 0) {
    throw new Error(
      "--tls-cipher-suites names only suites of TLS 1.3, which are always on: say --tls-min-version=VersionTLS13 alone",
    );
  }
  return [...chosen].join(":");
}

function curves(list: string): string {
  const numbers = list.split(",").map((number) => number.trim());
  for (const [index, number] of numbers.entries()) {
    if (numbers.indexOf(number) < index) {
      throw new Error(`--tls-curve-preferences names ${number} twice`);
    }
    if (groups[number]) continue;
    const allowed = Object.entries(groups).map(([id, name]) => `${id} (${name})`);
    throw new Error(
      `--tls-curve-preferences: ${JSON.stringify(number)} is not served; allowed are the numbers ${allowed.join(", ")}`,
    );
  }
  return numbers.map((number) => groups[number]).join(":");
}
