import { createAuthority, issueCertificate } from "#k8s/certificates/mod.ts";

/** What a TLS listener shows. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Certificates extends ServingCertificate {
  /** What clients trust; its key is thrown away once the serving certificate is signed. */
  readonly caPem: string;
}

const days = 365;

/** A fresh certificate authority and one serving certificate of it, good for a year. */
export async function createCertificates(options: {
  names: string[];
  addresses: string[];
  now: Date;
}): Promise<Certificates> {
  const { now } = options;
  const authority = await createAuthority({ commonName: "metallb-sandbox-ca", now, days });
  const serving = await issueCertificate(authority, { commonName: "metallb-sandbox", ...options, days });
  return { caPem: authority.certPem, ...serving };
}
