import { hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "#io/mod.ts";

/** Binds the key to this use of the secret, which memberlist's members encrypt with (RFC 5869 §3.2). */
const purpose = "metallb-ts ring of watchers v2";

/**
 * The key of the heartbeats, 32 bytes by HKDF-SHA-256 (RFC 5869): from the text of the file `secretkey` in the folder
 * where the Secret `memberlist` is mounted. Without it every speaker uses the same public key, and the log says that
 * anybody on the network can forge a sign of life.
 */
export async function heartbeatKey(folder: string | undefined, log: Logger): Promise<Uint8Array> {
  const secret = folder === undefined ? undefined : await readSecret(join(folder, "secretkey"), log);
  if (!secret) log.warn("heartbeats are not protected: no secret key was given (--ml-secret-key-path)");
  return new Uint8Array(hkdfSync("sha256", secret ?? "", "", purpose, 32));
}

async function readSecret(path: string, log: Logger): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    log.warn("cannot read the secret key", { path, error: cause });
    return undefined;
  }
}
