import type { JsonGeneralName } from "@peculiar/x509";

/** What a TLS listener shows. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Certificates extends ServingCertificate {
  /** What clients trust; its key is thrown away once the serving certificate is signed. */
  readonly caPem: string;
}

const yearMs = 365 * 24 * 3_600_000;
/** A clock that is a little behind on the client's side must not refuse a certificate made this second. */
const backdateMs = 5 * 60_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A fresh certificate authority and one serving certificate of it, good for a year. */
export async function createCertificates(options: {
  names: string[];
  addresses: string[];
  now: Date;
}): Promise<Certificates> {
  const x509 = await loadX509();
  const notBefore = new Date(options.now.getTime() - backdateMs);
  const notAfter = new Date(options.now.getTime() + yearMs);
  const [caKeys, keys] = await Promise.all([generateKeys(), generateKeys()]);

  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=metallb-sandbox-ca",
    serialNumber: serialNumber(),
    notBefore,
    notAfter,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const alternativeNames: JsonGeneralName[] = [
    ...options.names.map((value) => ({ type: "dns" as const, value })),
    ...options.addresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const serving = await x509.X509CertificateGenerator.create({
    subject: "CN=metallb-sandbox",
    issuer: ca.subject,
    serialNumber: serialNumber(),
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternativeNames),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keyBytes = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    caPem: `${ca.toString("pem")}\n`,
    certPem: `${serving.toString("pem")}\n`,
    keyPem: `${x509.PemConverter.encode(keyBytes, "PRIVATE KEY")}\n`,
  };
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets, unique per authority. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `01${Buffer.from(bytes).toString("hex")}`;
}

/**
 * `@peculiar/x509` resolves its algorithms by tsyringe, which refuses to load without the metadata part of `Reflect`
 * and then only asks for metadata that nobody sets: answering "none" is enough. Loaded on first use, for it is not small.
 */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  const reflect = Reflect as unknown as Record<string, unknown>;
  for (const name of ["getMetadata", "getOwnMetadata", "defineMetadata"]) reflect[name] ??= () => undefined;
  return import("@peculiar/x509");
}
