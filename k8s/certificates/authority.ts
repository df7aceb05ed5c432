import { createPrivateKey, X509Certificate } from "node:crypto";
import type { JsonGeneralName } from "@peculiar/x509";

/** A certificate with its private key, both as PEM. */
export interface KeyedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What a certificate says of whom, and for how long. */
export interface Validity {
  readonly commonName: string;
  readonly organization?: string;
  readonly now: Date;
  readonly days: number;
}

const dayMs = 24 * 3_600_000;
/** A clock that is a little behind on the client's side must not refuse a certificate made this second. */
const backdateMs = 5 * 60_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A fresh certificate authority that signs serving certificates and no further authorities. */
export async function createAuthority(options: Validity): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...named(options),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString("pem")}\n`, keyPem: await keyPem(keys.privateKey) };
}

/** A certificate for servers of these names and addresses, signed by the authority. Throws where its PEM is none. */
export async function issueCertificate(
  authority: KeyedCertificate,
  options: Validity & { names: readonly string[]; addresses?: readonly string[] },
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certPem);
  // Whatever form the PEM has (SEC 1, PKCS #8), node reads it and gives the one that Web Crypto takes.
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    createPrivateKey(authority.keyPem).export({ type: "pkcs8", format: "der" }),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const alternativeNames: JsonGeneralName[] = [
    ...options.names.map((value) => ({ type: "dns" as const, value })),
    ...(options.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const { name: subject, ...validity } = named(options);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    subject,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternativeNames),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certPem: `${certificate.toString("pem")}\n`, keyPem: await keyPem(keys.privateKey) };
}

/**
 * Why the certificate cannot serve the name under the authority until then, in words; undefined where it can. Text that
 * is no PEM is a reason like any other.
 */
export function certificateFault(
  { certPem, keyPem }: KeyedCertificate,
  authority: KeyedCertificate,
  name: string,
  until: Date,
): string | undefined {
  try {
    const [serving, issuer] = [new X509Certificate(certPem), new X509Certificate(authority.certPem)];
    if (!serving.checkPrivateKey(createPrivateKey(keyPem))) return "its key belongs to another certificate";
    if (!issuer.checkPrivateKey(createPrivateKey(authority.keyPem)))
      return "the key of the authority belongs to another certificate";
    if (!serving.checkIssued(issuer) || !serving.verify(issuer.publicKey))
      return "it is not signed by the authority beside it";
    if (serving.checkHost(name) === undefined) return `it is not for ${name}`;
    for (const each of [serving, issuer]) {
      if (each.validToDate < until) return `it ends on ${each.validToDate.toISOString()}`;
    }
    return undefined;
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}

function named({ commonName, organization, now, days }: Validity) {
  return {
    name: organization === undefined ? `CN=${commonName}` : `CN=${commonName}, O=${organization}`,
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + days * dayMs),
  };
}

async function keyPem(key: CryptoKey): Promise<string> {
  const x509 = await loadX509();
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
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
