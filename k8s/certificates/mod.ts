/**
 * Certificates (RFC 5280) for what the cluster calls over TLS: an authority, and what it signs.
 *
 * ```ts
 * const authority = await createAuthority({ commonName: "cert", now: new Date(), days: 3_650 });
 * const serving = await issueCertificate(authority, { commonName: "webhook", names: ["webhook.ns.svc"], now: new Date(), days: 365 });
 * ```
 */
export {
  certificateFault,
  createAuthority,
  issueCertificate,
  type KeyedCertificate,
  type Validity,
} from "./authority.ts";
export { createSelfSigned, selfSignedSource } from "./self_signed.ts";
