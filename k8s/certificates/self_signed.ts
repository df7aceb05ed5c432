import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { KeyedCertificate, Validity } from "./authority.ts";
import {
  bits,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octets,
  sequence,
  set,
  time,
  utf8,
  yes,
} from "./der.ts";

const dayMs = 24 * 3_600_000;
/** A clock that is a little behind on the client's side must not refuse a certificate made this second. */
const backdateMs = 5 * 60_000;
/** ecdsa-with-SHA256 (RFC 5758 §3.2). */
const signatureAlgorithm = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

/**
 * A serving certificate that nobody vouches for, on ECDSA P-256 (RFC 5280 §4.1). By hand, for the library of
 * {@link createAuthority} costs each node 29 MB of memory, and this certificate lives in memory only.
 */
export function createSelfSigned(
  options: Validity & { names: readonly string[]; addresses?: readonly string[] },
): KeyedCertificate {
  const { commonName, now, days, names, addresses = [] } = options;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(objectIdentifier("2.5.4.3"), utf8(commonName))));
  const begin = new Date(now.getTime() - backdateMs);
  const end = new Date(now.getTime() + days * dayMs);
  const alternativeNames = [
    ...names.map((each) => implicit(2, Buffer.from(each))),
    ...addresses.map((each) => implicit(7, addressBytes(each))),
  ];
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(Buffer.concat([Uint8Array.of(1), randomBytes(16)])),
    signatureAlgorithm,
    name,
    sequence(time(begin), time(end)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(
      3,
      sequence(
        extension("2.5.29.19", sequence(), true),
        // digitalSignature, the first bit.
        extension("2.5.29.15", bits(Uint8Array.of(0x80), 7), true),
        extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"))),
        extension("2.5.29.17", sequence(...alternativeNames)),
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = Buffer.from(sequence(toBeSigned, signatureAlgorithm, bits(signature)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    certPem: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Extension (RFC 5280 §4.2): who does not know a critical one must refuse the certificate. */
function extension(identifier: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [yes()] : []), octets(value));
}

function addressBytes(address: string): Uint8Array {
  if (isIP(address) !== 4)
    throw new Error(`only IPv4 addresses are written into certificates, not "${address}"`);
  return Uint8Array.from(address.split("."), Number);
}

/** Makes one certificate for this machine under that name, and gives the same until a month before it ends. */
export function selfSignedSource(
  commonName: string,
  clock: { now(): number },
): () => Promise<KeyedCertificate> {
  const names = [...new Set(["localhost", hostname()])];
  let made: KeyedCertificate | undefined;
  let renewAt = 0;
  return async () => {
    const now = clock.now();
    if (!made || now >= renewAt) {
      const options = { commonName, names, addresses: ["127.0.0.1"], now: new Date(now), days: 365 };
      made = createSelfSigned(options);
      renewAt = now + 335 * dayMs;
    }
    return made;
  };
}
