import type { FieldReader } from "./field_reader.ts";
import type { ConfigResources } from "./types.ts";

/** The kernel's limit of a TCP MD5 key (TCP_MD5SIG_MAXKEYLEN). */
const passwordBytesMax = 80;
/** Of the Secrets that carry a user name and a password (Kubernetes, "Basic authentication Secret"). */
const secretType = "kubernetes.io/basic-auth";

/** The password of a BGPPeer, as written or from its Secret; empty where there is none. No issue ever quotes it. */
export function parsePassword(
  spec: FieldReader,
  secretName: string,
  secrets: ConfigResources["secrets"],
): string {
  const written = spec.text("password");
  if (written !== "" && secretName !== "") {
    const sentence = "both spec.password and spec.passwordSecret are set; allowed is one of them";
    spec.report(spec.at("password"), "peer.two-passwords", sentence);
  }
  checkLength(spec, spec.at("password"), written);
  if (written !== "" || secretName === "" || secrets === undefined) return written;
  return passwordOf(spec, secretName, secrets);
}

/** As in MetalLB the Secret is looked up in the product's own namespace, whatever `passwordSecret.namespace` says. */
function passwordOf(
  spec: FieldReader,
  name: string,
  secrets: Exclude<ConfigResources["secrets"], undefined>,
): string {
  const path = spec.object("passwordSecret").at("name");
  if ("unreadable" in secrets) {
    const sentence = `Secret "${name}" cannot be read: ${secrets.unreadable}; allow the speaker to get, list and watch the Secrets of its namespace`;
    spec.report(path, "peer.secret-unreadable", sentence);
    return "";
  }
  const secret = secrets.find((each) => each.name === name);
  if (!secret) {
    const sentence = `there is no Secret "${name}" in the namespace of the BGPPeer; create one of type ${secretType} with the key "password"`;
    spec.report(path, "peer.secret-unknown", sentence);
  } else if (secret.type !== secretType) {
    const sentence = `Secret "${name}" is of type "${secret.type}"; allowed is ${secretType}`;
    spec.report(path, "peer.secret-type", sentence);
  } else if (secret.password === undefined) {
    spec.report(path, "peer.secret-no-password", `Secret "${name}" has no key "password"`);
  } else {
    checkLength(spec, path, secret.password);
    return secret.password;
  }
  return "";
}

function checkLength(spec: FieldReader, path: string, password: string): void {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes <= passwordBytesMax) return;
  const sentence = `the password has ${bytes} bytes; TCP MD5 (RFC 2385) takes at most ${passwordBytesMax} on Linux`;
  spec.report(path, "peer.password-long", sentence);
}
