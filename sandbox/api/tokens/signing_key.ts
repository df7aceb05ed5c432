import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { isRecord } from "../object.ts";
import type { DataFile } from "../store/mod.ts";

const algorithm = "ES256";
/** RFC 7518 §3.4: the two numbers of the signature, one after the other, and no ASN.1 around them. */
const dsaEncoding = "ieee-p1363";
const settingKey = "service-account-key";

/** Signs JSON Web Tokens (RFC 7519) and knows its own again: ECDSA on P-256, one of the kinds a real server takes. */
export class SigningKey {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  /** Of the public key, as a real server names it in the token's header: the hash of its DER form. */
  readonly #id: string;

  constructor(pem: string) {
    this.#privateKey = createPrivateKey(pem);
    this.#publicKey = createPublicKey(this.#privateKey);
    const der = this.#publicKey.export({ type: "spki", format: "der" });
    this.#id = createHash("sha256").update(der).digest("base64url");
  }

  /** PEM of a new private key. */
  static generate(): string {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  }

  sign(claims: Readonly<Record<string, unknown>>): string {
    const text = `${encoded({ alg: algorithm, kid: this.#id })}.${encoded(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), { key: this.#privateKey, dsaEncoding }).toString("base64url")}`;
  }

  /** The claims of a token that this key has signed; undefined for any other text. */
  claims(token: string): Record<string, unknown> | undefined {
    const [header = "", claims = "", signature = "", ...more] = token.split(".");
    if (more.length > 0 || decoded(header)?.alg !== algorithm) return undefined;
    const key = { key: this.#publicKey, dsaEncoding } as const;
    const isOurs = verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      key,
      Buffer.from(signature, "base64url"),
    );
    return isOurs ? decoded(claims) : undefined;
  }
}

/** The key of an earlier run on the file, so that its tokens stay good; a new one where there is none. */
export function keptSigningKey(file: DataFile | undefined): SigningKey {
  const kept = file?.setting(settingKey);
  if (kept !== undefined) return new SigningKey(kept);
  const made = SigningKey.generate();
  file?.keep(settingKey, made);
  return new SigningKey(made);
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
