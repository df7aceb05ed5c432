import { X509Certificate } from "node:crypto";
import { type Certificates, createCertificates, type DataFile } from "../api/mod.ts";
import { newToken } from "./credentials.ts";

const certificatesKey = "certificates";
const adminTokenKey = "admin-token";
/** A sandbox is not expected to run for longer; certificates that end sooner are made anew. */
const renewBeforeMs = 30 * 24 * 3_600_000;

/** The certificates that clients of an earlier run on the file trust already; new ones where there are none. */
export async function keptCertificates(file: DataFile | undefined): Promise<Certificates> {
  const kept = file?.setting(certificatesKey);
  if (kept !== undefined) {
    const certificates = JSON.parse(kept) as Certificates;
    const ends = new X509Certificate(certificates.certPem).validToDate.getTime();
    if (ends - Date.now() > renewBeforeMs) return certificates;
  }
  const made = await createCertificates({
    names: ["localhost", "kubernetes.default.svc"],
    addresses: ["127.0.0.1", "::1"],
    now: new Date(),
  });
  file?.keep(certificatesKey, JSON.stringify(made));
  return made;
}

/** The administrator's token, so that a copy of the kubeconfig goes on working; undefined without a file. */
export function keptToken(file: DataFile | undefined): string | undefined {
  if (file === undefined) return undefined;
  const kept = file.setting(adminTokenKey);
  if (kept !== undefined) return kept;
  const token = newToken();
  file.keep(adminTokenKey, token);
  return token;
}
