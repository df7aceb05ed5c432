/**
 * TLS for what this product serves: the policy of MetalLB's `--tls-*` flags, a listener whose certificate can be
 * exchanged, and certificates that are read from a folder and followed.
 *
 * ```ts
 * const policy = tlsPolicy({ minVersion: "VersionTLS12", curvePreferences: "29,23" });
 * const served = await serveTls({ hostname: "0.0.0.0", port: 9120, policy, certificate: folder("/certs"), fetch, log });
 * ```
 */
export { certificateFolder } from "./certificate_folder.ts";
export { type CertificateSource, type ServeTlsOptions, serveTls, type TlsLog } from "./serve_tls.ts";
export { TlsListener, type TlsListenerOptions } from "./tls_listener.ts";
export { type TlsFlags, type TlsPolicy, tlsPolicy } from "./tls_policy.ts";
