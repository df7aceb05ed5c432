import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServingCertificate } from "./tls_listener.ts";

/**
 * Reads `tls.crt` and `tls.key` of a folder, as a Secret of type kubernetes.io/tls is mounted. Rejects, with the reason,
 * where they cannot serve: while they are exchanged, the key may belong to the other certificate for a moment.
 */
export function certificateFolder(directory: string): () => Promise<ServingCertificate> {
  return async () => {
    const [certPem = "", keyPem = ""] = await Promise.all(
      ["tls.crt", "tls.key"].map((name) => readFile(join(directory, name), "utf8")),
    );
    let fits: boolean;
    try {
      fits = new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
    } catch (cause) {
      throw new Error(`tls.crt and tls.key of ${directory} are not a certificate and its key in PEM`, {
        cause,
      });
    }
    if (!fits) throw new Error(`tls.key of ${directory} belongs to another certificate than tls.crt`);
    return { certPem, keyPem };
  };
}
